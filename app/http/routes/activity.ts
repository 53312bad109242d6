import { z } from 'zod'
import { actorKinds } from '../../core/account.ts'
import { listActivity, type ActivityFilter } from '../../db/activity.ts'
import { appendEvent } from '../../db/events.ts'
import { AppError } from '../../core/errors.ts'
import { nouns } from '../../core/event.ts'
import { toJson } from '../../json.ts'
import { mayAdminister } from '../caller.ts'
import { defineRoute, type Route } from '../route.ts'
import { cursorSchema, limitSchema, pageOf } from '../schemas/list.ts'

const tag = 'Activity'

/** One row of the log. */
export const activitySchema = z.object({
  id: z.number(),
  at: z.number(),
  noun: z.enum(nouns),
  noun_id: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  actor: z.object({ kind: z.enum(actorKinds), name: z.string(), address: z.string().nullable() }).nullable(),
})

const listRoute = defineRoute({
  method: 'get',
  path: '/api/activity',
  tag,
  summary: 'Who did what, on which, when, from where; the newest first',
  access: { role: 'viewer', scope: 'read' },
  query: z.object({
    noun: z.enum(nouns).optional(),
    noun_id: z.string().max(500).optional(),
    type: z.string().max(100).optional(),
    actor: z.string().max(200).optional().describe('name of a user, token, session, worker or rule'),
    actor_kind: z.enum(actorKinds).optional(),
    since: z.coerce.number().int().min(0).optional().describe('epoch ms'),
    until: z.coerce.number().int().min(0).optional().describe('epoch ms'),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(activitySchema),
  async handle({ web, query, caller }) {
    const { limit } = query
    const filter: ActivityFilter = {
      limit: limit + 1,
      ...(query.noun && { noun: query.noun }),
      ...(query.noun_id !== undefined && { nounId: query.noun_id }),
      ...(query.type !== undefined && { type: query.type }),
      ...(query.actor !== undefined && { actorName: query.actor }),
      ...(query.actor_kind && { actorKinds: [query.actor_kind] }),
      ...(query.since !== undefined && { since: query.since }),
      ...(query.until !== undefined && { until: query.until }),
      ...(query.cursor !== undefined && { before: query.cursor }),
      ...(!mayAdminister(caller!) && { without: ['account', 'login'] as const }),
    }
    const events = await listActivity(web.database.kysely, filter)
    const items = events.slice(0, limit)
    return { items: toJson(items), next_cursor: events.length > limit ? items.at(-1)!.id : null }
  },
})

/** A line in the log is no place for a file. */
const maxDetailsChars = 8_192

const noteRoute = defineRoute({
  method: 'post',
  path: '/api/activity',
  tag,
  summary: 'Write a line of your own into the activity log',
  access: { role: 'operator', scope: 'prompts' },
  body: z.strictObject({
    action: z.string().trim().min(1).max(100).describe('what was done, in a word or two'),
    message: z.string().max(2_000).nullish(),
    details: z.record(z.string(), z.unknown()).nullish(),
  }),
  reply: z.object({ success: z.literal(true), id: z.number() }),
  async handle({ web, body, requestId }) {
    const { action, message, details } = body
    if (JSON.stringify(details ?? {}).length > maxDetailsChars) {
      throw new AppError('invalid', `The details may have ${maxDetailsChars} characters at most.`)
    }
    const data = { ...(message && { message }), ...(details && { details }) }
    const { clock, database } = web
    // Ids are given when the write is stored; this one finds it again.
    const note = { noun: 'note' as const, nounId: requestId }
    await database.write(async (db) => appendEvent(db, { ...note, at: clock.now(), type: action, data }))
    const [own] = await listActivity(database.kysely, { ...note, limit: 1 })
    return { success: true as const, id: own!.id }
  },
})

export const activityRoutes: readonly Route[] = [listRoute, noteRoute]
