import type { Dialog } from '../../core/dialog.ts'
import type { Ask } from '../../core/interaction.ts'
import { askOfDialog } from './ask.ts'

/**
 * Whether a dialog shows what a hook told of. A dialog wraps what it shows, so blanks and line ends don't count;
 * everything else does: several requests may be on their way at once.
 */
export function isDialogOf(told: Ask, dialog: Dialog): boolean {
  const shown = askOfDialog(told.agent, dialog)
  if (shown.kind !== told.kind) return false
  if (shown.kind !== 'permission') return true
  if (shown.tool !== told.tool) return false
  const { command, paths, url } = shown.input
  if (command !== undefined) return squashed(command) === squashed(told.input.command)
  if (url !== undefined) return squashed(url) === squashed(told.input.url)
  const [path] = paths ?? []
  const [whole] = told.input.paths ?? []
  return path !== undefined && whole !== undefined && (whole === path || whole.endsWith(`/${path}`))
}

function squashed(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll(/\s+/g, '')
}
