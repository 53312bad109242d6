import { AppError, AwayError } from '../../core/errors.ts'
import { nodeOf, paneKey, paneOf, type PaneRef } from '../../core/host.ts'
import type { OpenSite } from '../../core/site.ts'
import { findSessions, listSessions } from '../../db/sessions.ts'
import type { Web } from '../../http/web.ts'

/** A pane of any node, as terminals work with it. */
export interface ShownPane extends PaneRef {
  site: OpenSite
  /** Under which its session is stored: `node/server/%7`. */
  key: string
  sessionName: string
}

/**
 * The pane of a session, by its key or as a person names it; while its node is away, as it was seen last. Throws
 * `not_found`.
 */
export async function findPane(web: Web, session: string): Promise<ShownPane> {
  const key = await keyOf(web, session)
  const site = key === null ? undefined : web.sites.find(nodeOf(key))
  const pane = key !== null && site && (await paneAt(web, site, key))
  if (pane) return pane
  throw new AppError('not_found', `There is no session ${JSON.stringify(session)} to look at.`)
}

async function keyOf({ database }: Web, session: string): Promise<string | null> {
  if (paneOf(session).paneId !== '') return session
  const found = await findSessions(database.kysely, session)
  return found.length === 1 ? found[0]!.key : null
}

async function paneAt(web: Web, site: OpenSite, key: string): Promise<ShownPane | null> {
  const { server, paneId } = paneOf(key)
  const sessionName = await nameOf(web, site, key)
  return sessionName === undefined ? null : { site, key, server, paneId, sessionName }
}

async function nameOf({ database }: Web, { host }: OpenSite, key: string): Promise<string | undefined> {
  try {
    return (await host.list()).find((pane) => `${host.node}/${paneKey(pane)}` === key)?.sessionName
  } catch (error) {
    if (!(error instanceof AwayError)) throw error
    return (await listSessions(database.kysely)).find((session) => session.key === key)?.name
  }
}
