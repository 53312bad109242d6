import { hookEvents, type HookedAgent } from './messages/read.ts'

/** One hook in an agent's settings, as all three agents write them. */
export interface HookEntry {
  type: 'command'
  command: string
  timeout: number
}

/** After this the agent goes on without the hook. Claude and Codex count seconds, Gemini milliseconds. */
const timeouts: Record<HookedAgent, number> = { claude: 5, codex: 5, gemini: 5_000 }

/** What is put into the settings of an agent, by event. */
export function ownEntries(program: string, agent: HookedAgent): Record<string, HookEntry> {
  const entry = (event: string): HookEntry => ({
    type: 'command',
    command: hookCommand(program, agent, event),
    timeout: timeouts[agent],
  })
  return Object.fromEntries(Object.keys(hookEvents[agent]).map((event) => [event, entry(event)]))
}

/**
 * The command line of a hook. A program that is gone must not be started: a shell that can't find its script
 * ends with 2, and 2 tells an agent to stop what it does. What it says is read all the same.
 */
export function hookCommand(program: string, agent: string, event: string): string {
  const quoted = quote(program)
  return `[ -x ${quoted} ] && exec ${quoted} ${agent} ${event}; exec cat >/dev/null`
}

/** The hook program that a command line of ours runs; null when it is somebody else's. */
export function programOf(command: string): string | null {
  const quoted = /^\[ -x ('.*') \] && exec \1 [a-z]+ [A-Za-z]+; exec cat >\/dev\/null$/s.exec(command)?.[1]
  return quoted === undefined ? null : quoted.slice(1, -1).replaceAll(`'\\''`, `'`)
}

function quote(word: string): string {
  return `'${word.replaceAll(`'`, `'\\''`)}'`
}
