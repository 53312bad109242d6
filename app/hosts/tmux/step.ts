import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'
import type { Look, StepResult } from '../../core/host.ts'
import { guardOf, markerGuardOf } from './guard.ts'
import { ownName } from './owner.ts'
import { markerOption } from './pane-fields.ts'
import { command, commandList } from './quote.ts'
import type { TmuxServer } from './tmux-server.ts'

/** Above this, in bytes, a text goes through a file: 10 times faster at 100 kB, 28 times at 1 MB (measured). */
const maxInlineBytes = 16_384

/**
 * Pastes with brackets. One list: guard, buffer, paste, marker; none of it waits, so tmux runs all or nothing
 * of it, whatever happens to its client.
 */
export async function pasteText(
  server: TmuxServer,
  look: Look,
  text: string,
  marker: string,
): Promise<StepResult> {
  refuseControlCharacters(text)
  const buffer = ownName()
  const paste = command('paste-buffer', '-p', '-r', '-d', '-b', buffer, '-t', look.paneId)
  if (Buffer.byteLength(text) <= maxInlineBytes) {
    const fill = command('set-buffer', '-b', buffer, '--', text)
    return step(server, look, [fill, paste], marker)
  }
  await loadBuffer(server, buffer, text)
  return step(server, look, [paste], marker, [command('delete-buffer', '-b', buffer)])
}

export async function pressKeys(
  server: TmuxServer,
  look: Look,
  keys: string[],
  marker: string,
): Promise<StepResult> {
  const strange = keys.find((key) => !keyName.test(key))
  if (strange !== undefined || keys.length === 0) {
    throw new AppError('invalid', `"${strange ?? ''}" is not the name of a key in tmux (Escape, C-c, Down).`)
  }
  return step(server, look, [command('send-keys', '-t', look.paneId, '--', ...keys)], marker)
}

/** Sends nothing: whoever holds an earlier look finds another marker, and is refused. */
export function setMarker(server: TmuxServer, look: Look, marker: string): Promise<StepResult> {
  return step(server, look, [], marker, [], markerGuardOf(look))
}

/** tmux types the letters of a name that it does not know, so only known ones and single characters pass. */
const keyName =
  /^(?:[CMS]-)*(?:Enter|Escape|Tab|BTab|Space|BSpace|Up|Down|Left|Right|Home|End|PageUp|PageDown|PPage|NPage|DC|IC|F1[0-2]|F[1-9]|[!-~])$/

async function step(
  server: TmuxServer,
  look: Look,
  commands: string[],
  marker: string,
  otherwise: string[] = [],
  guard = guardOf(look),
): Promise<StepResult> {
  const mark = command('set-option', '-p', '-t', look.paneId, markerOption, marker)
  const run = commandList(...commands, mark, command('display-message', '-p', 'done'))
  const exists = command('list-panes', '-t', look.paneId, '-F', '') // `if-shell` itself forgives a lost target
  const refuse = commandList(...otherwise, exists, command('display-message', '-p', 'refused'))
  const line = command('if-shell', '-F', '-t', look.paneId, guard, run, refuse)
  const said = (await server.run(line)).flatMap(({ lines }) => lines)
  if (said.includes('done')) return 'done'
  if (said.includes('refused')) return 'refused'
  throw new Error(`tmux answered a delivery step with ${JSON.stringify(said)}`)
}

/** Waits until tmux has the whole text: `load-buffer` is the one waiting command, so it is a request of its own. */
async function loadBuffer(server: TmuxServer, buffer: string, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'architect-'))
  try {
    await chmod(folder, 0o700)
    const file = join(folder, 'prompt')
    await writeFile(file, text, { mode: 0o600 })
    await server.run(command('load-buffer', '-b', buffer, file))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An ESC would end the brackets of the paste early, a NUL the command; prompts never hold either. */
function refuseControlCharacters(text: string) {
  const found = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(text)
  if (!found) return
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0')
  throw new AppError('invalid', `The text holds the control character U+${code}, which can't be pasted.`)
}
