import { ProcessTable } from '../../agents/process-table.ts'
import type { NamedSession } from '../../broker/session-settings.ts'
import { AppError } from '../../core/errors.ts'
import type { Pane, SessionHost } from '../../core/host.ts'

/** More processes than stand between a pane and what its agent started. */
const mostAncestors = 64

/**
 * The session in whose pane this process was started, however deep: proved by the process table, because the
 * environment can be changed by anybody and names another pane after a move. Throws `invalid` outside of tmux.
 */
export async function ownSession(
  host: SessionHost,
  pid = process.pid,
  processes = new ProcessTable(),
): Promise<NamedSession> {
  const panes = new Map((await host.list()).map((pane) => [pane.pid, pane]))
  const pane = paneAbove(panes, pid, processes)
  if (pane) return { node: host.node, name: pane.sessionName }
  throw new AppError(
    'invalid',
    'This was not started inside a tmux session that Architect watches, so nobody knows whose tools these are. ' +
      'Start the agent in tmux (ARCHITECT_TMUX_SOCKET names other servers than your own).',
  )
}

function paneAbove(panes: Map<number, Pane>, start: number, processes: ProcessTable): Pane | null {
  let pid = start
  for (let steps = 0; steps < mostAncestors && pid > 1; steps += 1) {
    const pane = panes.get(pid)
    if (pane) return pane
    pid = processes.entry(pid)?.parent ?? 0
  }
  return null
}
