import { AppError } from '../../core/errors.ts'
import { listSessions } from '../../db/sessions.ts'
import type { Records } from '../../records.ts'
import { UsageError } from '../failure.ts'

/** The session that a command runs in: as it was given, as Architect started it, or by its pane in tmux. */
export async function whoAmI({ config, database }: Records, given: string | undefined): Promise<string> {
  if (given !== undefined) return given
  const { ARCHITECT_SESSION: started, TMUX_PANE: pane, TMUX: server } = process.env
  if (started) return started
  if (!pane) {
    throw new UsageError('Say for which session: --session NAME. (Inside of an agent session it is known.)')
  }
  const sessions = await listSessions(database.kysely)
  const found = sessions.filter(({ node, paneId }) => node === config.node && paneId === pane)
  const socket = server?.split(',')[0]
  const [only, ...others] = found.length > 1 ? found.filter((each) => each.server === socket) : found
  if (only && others.length === 0) return only.name
  throw new AppError(
    'not_found',
    `The pane ${pane} is no agent session that is known here; name it: --session NAME.`,
  )
}
