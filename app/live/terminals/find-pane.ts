import { AppError } from '../../core/errors.ts'
import { paneKey, type Pane } from '../../core/host.ts'
import { findSessions } from '../../db/sessions.ts'
import type { Web } from '../../http/web.ts'

/** The pane of a session, by its key or as a person names it. Throws `not_found`. */
export async function findPane(web: Web, session: string): Promise<Pane> {
  const panes = await web.host.list()
  const byKey = panes.find((pane) => keyOfPane(web, pane) === session)
  if (byKey) return byKey
  const found = await findSessions(web.database.kysely, session)
  const pane = panes.find((each) => found.length === 1 && keyOfPane(web, each) === found[0]!.key)
  if (pane) return pane
  throw new AppError('not_found', `There is no session ${JSON.stringify(session)} here to look at.`)
}

/** The key under which a session is stored: `node/server/%7`. */
export function keyOfPane({ host }: Pick<Web, 'host'>, pane: Pane): string {
  return `${host.node}/${paneKey(pane)}`
}
