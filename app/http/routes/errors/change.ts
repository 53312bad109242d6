import { z } from 'zod'
import type { ErrorEvent, ReportRates } from '../../../core/reported-error.ts'
import { advanceErrorGroup } from '../../../db/error/change.ts'
import { getReportRates, setReportRates } from '../../../db/settings.ts'
import { fromJson, toJson } from '../../../json.ts'
import { defineRoute, type Route } from '../../route.ts'
import { errorGroupSchema, reportRatesBody } from '../../schemas/error.ts'
import { idParams } from '../../schemas/list.ts'

const tag = 'Errors'
const success = z.object({ success: z.literal(true) })

/** A person's word on a group, by the id of any error in it. */
function advanceRoute(event: Exclude<ErrorEvent, 'regress'>, summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/api/errors/:id/${event}`,
    tag,
    summary,
    access: { role: 'operator', scope: 'prompts' },
    params: idParams,
    reply: success.extend({ group: errorGroupSchema }),
    async handle({ web, params, caller }) {
      const { database, clock } = web
      const group = await database.write((db) =>
        advanceErrorGroup(db, params.id, event, caller!.name, clock.now()),
      )
      return { success: true as const, group: toJson(group) }
    },
  })
}

const getRatesRoute = defineRoute({
  method: 'get',
  path: '/api/settings/error-rates',
  tag,
  summary: 'How many errors are taken',
  access: { role: 'viewer', scope: 'read' },
  reply: reportRatesBody,
  handle: async ({ web }) => toJson(await getReportRates(web.database.kysely)),
})

const putRatesRoute = defineRoute({
  method: 'put',
  path: '/api/settings/error-rates',
  tag,
  summary: 'Settle how many errors are taken',
  access: { role: 'admin', scope: 'admin' },
  body: reportRatesBody,
  reply: success,
  async handle({ web, body }) {
    await web.database.write((db) => setReportRates(db, fromJson<ReportRates>(body), web.clock.now()))
    return { success: true as const }
  },
})

export const changeErrorRoutes: readonly Route[] = [
  advanceRoute('resolve', 'Say that it is fixed; it regresses when it happens again'),
  advanceRoute('ignore', 'Count it on, and say no more of it'),
  advanceRoute('reopen', 'Say that it is to be looked at after all'),
  getRatesRoute,
  putRatesRoute,
]
