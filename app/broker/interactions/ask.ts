import type { Dialog, DialogKeys, OptionRole } from '../../core/dialog.ts'
import type { HookMessageOf } from '../../core/hook.ts'
import type { Ask, InteractionInput, InteractionOption, OptionMeaning } from '../../core/interaction.ts'
import type { NewInteraction, SeenDialog } from '../../db/interaction/open.ts'
import { readHookInput, toolNamed } from './hook-input.ts'

/** What a dialog asks, in the words of every agent. */
export function askOfDialog(agent: string, dialog: Dialog): Ask & Pick<NewInteraction, 'unsure'> {
  return {
    agent,
    kind: dialog.kind,
    tool: toolNamed(dialog.tool),
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
    options: dialog.options.map(({ label, role, description, ticked }, index) => ({
      label: description === null ? label : `${label} (${description})`,
      meaning: meanings[role],
      ...(ticked !== null && { ticked }),
      keys: keys ? keysFor(index, dialog.selected, { ...keys, pick: dialog.pick ?? keys.pick }) : [],
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
    toolName: tool,
    inputFrom: 'hook',
    ...readHookInput(tool, input),
  }
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
