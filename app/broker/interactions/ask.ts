import type { Dialog, DialogKeys, OptionRole } from '../../core/dialog.ts'
import type { HookMessageOf } from '../../core/hook.ts'
import type { Ask, InteractionInput, InteractionOption, OptionMeaning, Tool } from '../../core/interaction.ts'
import type { NewInteraction, SeenDialog } from '../../db/interaction/open.ts'

/** What a dialog asks, in the words of every agent. */
export function askOfDialog(agent: string, dialog: Dialog): Ask & Pick<NewInteraction, 'unsure'> {
  return {
    agent,
    kind: dialog.kind,
    tool: toolOf(dialog.tool),
    toolName: dialog.tool ?? '',
    input: inputOfDialog(dialog),
    inputFrom: 'screen',
    inputWhole: dialog.unsure === null,
    unsure: dialog.unsure,
  }
}

/** What people are shown of a dialog, and what has to be pressed for each option. */
export function seenDialog(dialog: Dialog, keys: DialogKeys | null): SeenDialog {
  return {
    question: dialog.question,
    options: dialog.options.map(({ label, role, description }, index) => ({
      label: description === null ? label : `${label} (${description})`,
      meaning: meanings[role],
      keys: keys ? keysFor(index, dialog.selected, keys) : [],
    })),
    selected: dialog.selected,
    screen: dialog.rows.join('\n'),
    screenDigest: dialog.digest,
  }
}

const meanings: Record<OptionRole, OptionMeaning> = {
  allow: 'allow_once',
  allow_more: 'allow_always',
  deny: 'deny',
  choice: 'answer',
  text: 'answer',
}

function keysFor(index: number, selected: number | null, keys: DialogKeys): InteractionOption['keys'] {
  if (keys.pick === 'digit' && index < 9) return [String(index + 1)]
  const distance = index - (selected ?? 0)
  const move = distance < 0 ? keys.previous : keys.next
  return [...Array<string>(Math.abs(distance)).fill(move), 'Enter']
}

/** What a hook says that its agent asks. */
export function askOfHook({ agent, tool, input }: HookMessageOf<'permission_asked'>): Ask {
  return {
    agent,
    kind: tool === 'ExitPlanMode' ? 'plan' : tool === 'AskUserQuestion' ? 'question' : 'permission',
    tool: toolOf(tool),
    toolName: tool,
    input: inputOfHook(input),
    inputFrom: 'hook',
    inputWhole: true,
  }
}

const tools: Record<string, Tool> = {
  Bash: 'shell',
  exec_command: 'shell',
  shell: 'shell',
  local_shell: 'shell',
  run_shell_command: 'shell',
  Edit: 'edit',
  MultiEdit: 'edit',
  NotebookEdit: 'edit',
  apply_patch: 'edit',
  replace: 'edit',
  Write: 'write',
  write_file: 'write',
  Read: 'read',
  read_file: 'read',
  WebFetch: 'fetch',
  web_fetch: 'fetch',
}

function toolOf(name: string | null): Tool {
  if (name === null) return 'other'
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? []
  if (server !== undefined && tool !== undefined) return `mcp:${server}/${tool}`
  return Object.hasOwn(tools, name) ? tools[name]! : 'other'
}

function inputOfDialog({ input, rows }: Dialog): InteractionInput {
  const { command, file_path: path, url } = input
  return {
    ...(command !== undefined && { command }),
    ...(path !== undefined && { paths: [path] }),
    ...(url !== undefined && { url }),
    ...(command === undefined && path === undefined && url === undefined && { text: rows.join('\n') }),
  }
}

function inputOfHook(input: Record<string, unknown>): InteractionInput {
  const command = commandOf(input['command'] ?? input['cmd'])
  const path = input['file_path'] ?? input['notebook_path'] ?? input['path']
  const { url, plan } = input
  return {
    ...(command !== null && { command }),
    ...(typeof path === 'string' && { paths: [path] }),
    ...(typeof url === 'string' && { url }),
    ...(typeof plan === 'string' && { text: plan }),
    raw: input,
  }
}

/** `["bash", "-lc", "ls"]` is what Codex runs for `ls`; any other list of words is not a text that a shell reads. */
function commandOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || !value.every((word) => typeof word === 'string')) return null
  const [program, flag, text, ...more] = value
  const isShell = /^(?:\/bin\/|\/usr\/bin\/)?(?:ba|z|da)?sh$/.test(program ?? '') && /^-l?c$/.test(flag ?? '')
  return isShell && text !== undefined && more.length === 0 ? text : null
}
