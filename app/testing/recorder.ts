import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PaneRef } from '../core/host.ts'
import type { TmuxFixture } from './tmux.ts'
import { waitFor } from './wait-for.ts'

export interface Recorder {
  pane: PaneRef
  /** Every byte that the pane was sent, with the brackets of pastes taken off. */
  text: () => Promise<string>
}

/** A pane whose program asks for bracketed paste, draws nothing, and writes what it gets into a file. */
export async function openRecorder(server: TmuxFixture, name: string): Promise<Recorder> {
  const file = join(server.folder, `${name}.bytes`)
  const script = `stty raw -echo; printf '\\033[?2004hready'; exec cat > '${file}'`
  const pane = await server.open({ name, command: ['sh', '-c', script] })
  await waitFor(
    async () => (await server.run('capture-pane', '-p', '-t', pane.paneId)).includes('ready'),
    'the recorder',
  )
  return {
    pane,
    text: async () => (await readFile(file, 'utf8')).replaceAll(/\u001b\[20[01]~/g, ''),
  }
}
