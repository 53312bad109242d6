import { lookAtSessions, sessionRows } from '../../../broker/session-view.ts'
import { findNamedSession, type NamedSession } from '../../../broker/session-settings.ts'
import { toJson } from '../../../json.ts'
import { assignerRuns } from '../../assigner-runs.ts'
import { defineRoute, type Route } from '../../route.ts'
import { pageOf } from '../../schemas/list.ts'
import { sessionSchema } from '../../schemas/session.ts'
import type { Web } from '../../web.ts'

export const sessionsRoute: Route = defineRoute({
  method: 'get',
  path: '/api/assigner/sessions',
  tag: 'Assigner',
  summary: 'Agent sessions as the assigner sees them',
  access: { role: 'viewer', scope: 'read' },
  reply: pageOf(sessionSchema),
  handle: async ({ web }) => ({ items: toJson(await sessionsNow(web)), next_cursor: null }),
})

/** All of them: a fleet is some hundred sessions at most. */
export function sessionsNow(web: Web) {
  const lookHere = () => lookAtSessions(web.host, web.reader)
  return sessionRows(web.database, web.host.node, assignerRuns(web) ? null : lookHere)
}

/** Throws `not_found` when it is neither there nor known from before. */
export async function namedSession(web: Web, wanted: string): Promise<NamedSession> {
  return findNamedSession(web.database, await sessionsNow(web), web.host.node, wanted)
}
