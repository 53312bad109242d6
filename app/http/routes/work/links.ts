import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import type { WorkItem } from '../../../core/work.ts'
import { listActivity } from '../../../db/activity.ts'
import { getErrorGroup } from '../../../db/error/read.ts'
import { getPrompt } from '../../../db/prompts.ts'
import type { Db } from '../../../db/schema.ts'
import { getTask } from '../../../db/task/read.ts'
import { addComment, commentsOfWork } from '../../../db/work/comments.ts'
import { linksOfWork, linkWork, unlinkWork, type NewLink } from '../../../db/work/links.ts'
import { getWork } from '../../../db/work/read.ts'
import { toJson } from '../../../json.ts'
import { defineRoute, type Route } from '../../route.ts'
import { cursorSchema, idSchema, limitSchema, pageAt, pageOf } from '../../schemas/list.ts'
import {
  commentSchema,
  linkSchema,
  newCommentBody,
  newLinkBody,
  workParams,
  workRefSchema,
} from '../../schemas/work.ts'
import { operator, viewer } from './items.ts'

const tag = 'Work'
const success = z.object({ success: z.literal(true) })
const pageQuery = z.object({ limit: limitSchema, cursor: cursorSchema })

const linksRoute = defineRoute({
  method: 'get',
  path: '/api/work/:id/links',
  tag,
  summary: 'Prompts, errors, commits, tasks and other items that an item has to do with',
  access: viewer,
  params: workParams,
  reply: pageOf(linkSchema),
  async handle({ web, params }) {
    const { id } = await getWork(web.database.kysely, params.id)
    return { items: toJson(await linksOfWork(web.database.kysely, id)), next_cursor: null }
  },
})

const linkRoute = defineRoute({
  method: 'post',
  path: '/api/work/:id/links',
  tag,
  summary: 'Link an item with something; `fixes` an error: that is resolved when the item is done',
  access: operator,
  params: workParams,
  status: 201,
  body: newLinkBody,
  reply: linkSchema.extend({ success: z.literal(true) }),
  async handle({ web: { database, clock }, caller, params, body }) {
    const link = await database.write(async (db) => {
      const item = await getWork(db, params.id)
      const ref = await existingRef(db, item, body)
      return linkWork(db, item.id, { ...body, ref }, caller!.name, clock.now())
    })
    return { ...toJson(link), success: true as const }
  },
})

/** As it is stored: what has a number here must be there, errors by their group; commits may be anywhere. */
async function existingRef(db: Db, item: WorkItem, { kind, ref }: NewLink): Promise<string> {
  if (kind === 'prompt') return String((await getPrompt(db, Number(ref))).id)
  if (kind === 'error') return String((await getErrorGroup(db, Number(ref))).id)
  if (kind === 'task') return String((await getTask(db, Number(ref))).id)
  if (kind === 'commit') return ref.toLowerCase()
  const other = await getWork(db, /^\d+$/.test(ref) ? Number(ref) : ref)
  if (other.id === item.id) throw new AppError('invalid', `${item.key} can't be linked with itself.`)
  return String(other.id)
}

const unlinkRoute = defineRoute({
  method: 'delete',
  path: '/api/work/:id/links/:link',
  tag,
  summary: 'Remove a link',
  access: operator,
  params: z.object({ id: workRefSchema, link: idSchema }),
  reply: success,
  async handle({ web: { database, clock }, params }) {
    await database.write(async (db) => {
      const { id } = await getWork(db, params.id)
      await unlinkWork(db, id, params.link, clock.now())
    })
    return { success: true as const }
  },
})

const commentsRoute = defineRoute({
  method: 'get',
  path: '/api/work/:id/comments',
  tag,
  summary: 'What people said about an item, oldest first',
  access: viewer,
  params: workParams,
  query: pageQuery,
  reply: pageOf(commentSchema),
  async handle({ web, params, query }) {
    const db = web.database.kysely
    const { id } = await getWork(db, params.id)
    const slice = { limit: query.limit + 1, offset: query.cursor ?? 0 }
    return pageAt(toJson(await commentsOfWork(db, id, slice)), query)
  },
})

const commentRoute = defineRoute({
  method: 'post',
  path: '/api/work/:id/comments',
  tag,
  summary: 'Say something about an item, in Markdown',
  access: operator,
  params: workParams,
  status: 201,
  body: newCommentBody,
  reply: commentSchema.extend({ success: z.literal(true) }),
  async handle({ web: { database, clock }, caller, params, body }) {
    const comment = await database.write(async (db) => {
      const item = await getWork(db, params.id)
      return addComment(db, item, { author: caller!.name, body: body.body }, clock.now())
    })
    return { ...toJson(comment), success: true as const }
  },
})

const historyRoute = defineRoute({
  method: 'get',
  path: '/api/work/:id/history',
  tag,
  summary: 'Who changed which field from what to what, newest first, as long as the log keeps it',
  access: viewer,
  params: workParams,
  query: pageQuery,
  reply: pageOf(
    z.object({
      id: z.number(),
      at: z.number(),
      type: z.string(),
      by: z.string().nullable(),
      changes: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  async handle({ web, params, query }) {
    const db = web.database.kysely
    const { id } = await getWork(db, params.id)
    const before = query.cursor === undefined ? {} : { before: query.cursor }
    const filter = { noun: 'work' as const, nounId: String(id), limit: query.limit + 1, ...before }
    const found = await listActivity(db, filter)
    const items = found.slice(0, query.limit).map((event) => ({
      id: event.id,
      at: event.at,
      type: event.type,
      by: event.actor?.name ?? null,
      changes: (event.data['changes'] ?? {}) as Record<string, [unknown, unknown]>,
      data: event.data,
    }))
    return { items, next_cursor: found.length > query.limit ? items.at(-1)!.id : null }
  },
})

export const workPartRoutes: readonly Route[] = [
  linksRoute,
  linkRoute,
  unlinkRoute,
  commentsRoute,
  commentRoute,
  historyRoute,
]
