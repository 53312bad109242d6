/*
 * What the stub model does is written in the prompt, so that a test reads as one line:
 *
 *   [[sleep N]]  N s of silence first          [[think N]]   N s of visible thinking first
 *   [[stream N]] the answer takes N s          [[long N]]    the answer has N numbered lines
 *   [[after N]]  N s of silence before the answer that follows tool results
 *   [[say TEXT]] the answer is TEXT (\n is a newline)   [[spoof NAME]]  the answer quotes a dialog or spinner
 *   [[error C]]  HTTP status C, always; [[error C xK]]: the first K times
 *   [[limit]] [[limit7d]]  a usage limit       [[credit]]    no credit left     [[drop]]  the stream breaks off
 *   [[bash CMD]] [[background CMD]] [[write PATH]] [[edit PATH]] [[fetch URL]] [[ask]] [[ask both]] [[plan]] [[task N]]
 *   [[ask boxes]] [[ask mixed]]  Claude only: boxes to tick, alone or after another question
 *   [[mcp TOOL JSON]], as `mcpDirective` writes it
 *                one tool call per model turn, in the order written, then the answer
 *   [[then]]     what follows belongs to the turn that the agent begins by itself when a background job ended
 */

const toolKinds = ['bash', 'background', 'write', 'edit', 'fetch', 'ask', 'plan', 'task', 'mcp'] as const
export type ToolKind = (typeof toolKinds)[number]

/** A tool as the script names it; each API has its own name and input for it. */
export interface ToolWish {
  kind: ToolKind
  argument: string
}

export interface Script {
  tools: ToolWish[]
  /** Tools of a turn that the agent begins by itself, after the answer to the prompt. */
  later: ToolWish[]
  /** Seconds. */
  sleep: number
  think: number
  stream: number
  after: number
  lines: number
  say: string | null
  spoof: string | null
  /** `times`: how often, null for always. */
  error: { status: number; times: number | null } | null
  limit: '5h' | '7d' | null
  credit: boolean
  drop: boolean
}

export function readDirectives(prompt: string): Script {
  const words = [...prompt.matchAll(/\[\[(\w+)(?:\s+([\s\S]*?))?\]\]/g)].map(
    ([, name = '', argument = '']) => [name, argument] as const,
  )
  const then = words.findIndex(([name]) => name === 'then')
  const thenAt = then < 0 ? words.length : then
  const last = new Map(words)
  const seconds = (name: string) => Number(last.get(name) ?? 0)
  return {
    tools: toolWishes(words.slice(0, thenAt)),
    later: toolWishes(words.slice(thenAt)),
    sleep: seconds('sleep'),
    think: seconds('think'),
    stream: seconds('stream'),
    after: seconds('after'),
    lines: seconds('long'),
    say: last.get('say')?.replaceAll('\\n', '\n') ?? null,
    spoof: last.get('spoof') ?? null,
    error: readError(last.get('error')),
    limit: last.has('limit') ? '5h' : last.has('limit7d') ? '7d' : null,
    credit: last.has('credit'),
    drop: last.has('drop'),
  }
}

/**
 * A call of one of Architect's own tools; its input may hold directives for those whom it reaches, and these for
 * others again. Inside, `[[` is `⟦`, and deeper ones are doubled: agents undo JSON's own escapes on the way.
 */
export function mcpDirective(tool: string, input: Record<string, unknown>): string {
  const json = JSON.stringify(input).replace(/⟦+/g, '$&⟦').replace(/⟧+/g, '$&⟧')
  return `[[mcp ${tool} ${json.replaceAll('[[', '⟦').replaceAll(']]', '⟧')}]]`
}

export function readMcpCall(argument: string): { tool: string; input: Record<string, unknown> } {
  const blank = argument.indexOf(' ')
  const json = argument
    .slice(blank)
    .replace(/⟦+/g, (marks) => (marks === '⟦' ? '[[' : marks.slice(1)))
    .replace(/⟧+/g, (marks) => (marks === '⟧' ? ']]' : marks.slice(1)))
  return { tool: argument.slice(0, blank), input: JSON.parse(json) as Record<string, unknown> }
}

/** A script that just answers; for what an agent asks on its own account. */
export const plainScript: Script = readDirectives('')

function toolWishes(words: (readonly [name: string, argument: string])[]): ToolWish[] {
  return words.flatMap(([name, argument]) => {
    const kind = toolKinds.find((each) => each === name)
    return kind === undefined ? [] : [{ kind, argument }]
  })
}

function readError(argument: string | undefined) {
  const match = /^(\d{3})(?: x(\d+))?$/.exec(argument ?? '')
  return match ? { status: Number(match[1]), times: match[2] === undefined ? null : Number(match[2]) } : null
}
