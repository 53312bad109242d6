import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'
import type { PaneRef } from '../../core/host.ts'
import type { TmuxFixture } from '../tmux.ts'

/** What a pane of a benchmark does: see pane-program.sh. */
export type PaneMode = 'idle' | 'spin' | 'flip'

/** Opens so many panes, each in a session of its own, that the rules of the scripted agent read. */
export async function openPanes(server: TmuxFixture, mode: PaneMode, count: number): Promise<PaneRef[]> {
  const panes: PaneRef[] = []
  for (let n = 0; n < count; n += 1) {
    const name = `${mode}-${n}`
    panes.push(await server.open({ name, command: commandOf(mode, journalOf(server, name)) }))
  }
  return panes
}

/** Where a pane of mode `flip` writes when its turns began. */
export function journalOf(server: TmuxFixture, name: string): string {
  return join(server.folder, `${name}.journal`)
}

/** An agent is known by the first word of its argv. */
function commandOf(mode: PaneMode, journal: string): string[] {
  return ['bash', '-c', 'exec -a scripted bash "$0" "$@"', program, mode, journal]
}

const program = join(packageRoot, 'app/testing/bench/pane-program.sh')
