import { ProcessTable } from '../../agents/process-table.ts'
import type { NamedSession } from '../../broker/session-settings.ts'
import { AppError } from '../../core/errors.ts'
import type { SessionHost } from '../../core/host.ts'
import { ancestors } from '../ancestors.ts'

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
  const [pane] = ancestors(pid, processes).flatMap((entry) => panes.get(entry.pid) ?? [])
  if (pane) return { node: host.node, name: pane.sessionName }
  throw new AppError(
    'invalid',
    'This was not started inside a tmux session that Architect watches, so nobody knows whose tools these are. ' +
      'Start the agent in tmux (ARCHITECT_TMUX_SOCKET names other servers than your own).',
  )
}
