import { z } from 'zod'
import { requireSession } from '../../../broker/named-session.ts'
import { AppError } from '../../../core/errors.ts'
import { workKinds, type WorkId } from '../../../core/work.ts'
import type { Db } from '../../../db/schema.ts'
import { getWork } from '../../../db/work/read.ts'
import { toJson } from '../../../json.ts'
import { assign, promptFor, type Subject } from '../../assign.ts'
import { defineRoute, type Route } from '../../route.ts'
import { newPromptSchema } from '../../schemas/new-prompt.ts'
import { promptSchema } from '../../schemas/prompt.ts'
import { workRefSchema } from '../../schemas/work.ts'
import { kindNames } from '../../work-kinds.ts'
import { operator, viewer } from './items.ts'

const tag = 'Work'
const types = [...workKinds, 'error'] as const
const { target_session: session, ...promptFields } = newPromptSchema.omit({ content: true }).shape

const assignRoute = defineRoute({
  method: 'post',
  path: '/api/assign-to-tmux',
  tag,
  summary: 'Give a feature, bug, devops task or error to a session: a prompt that is linked with it',
  access: operator,
  body: z.strictObject({
    type: z.enum(types),
    id: z
      .union([z.number().int().positive().transform(String), z.string().max(20)])
      .pipe(workRefSchema)
      .describe('its number, or its key as ARC-12'),
    session: session.describe('without one, whoever is idle in the folder of the project'),
    message: newPromptSchema.shape.content.nullish().describe('in your words instead of ours'),
    when_done: z.enum(['review', 'done']).default('review').describe('what it becomes then'),
    ...promptFields,
  }),
  reply: z.object({ success: z.literal(true), prompt_id: z.number(), prompt: promptSchema }),
  async handle({ web, caller, body }) {
    const { type, id, session: target_session, message, when_done: whenDone, ...rest } = body
    const subject = await subjectOf(web.database.kysely, type, id)
    if (target_session) await requireSession(web.database, web, target_session)
    const content = message === null || message === '' ? undefined : message
    const assignment = { ...rest, target_session, ...(content !== undefined && { content }) }
    const prompt = await assign(web, subject, assignment, { by: caller!.name, whenDone })
    return { success: true as const, prompt_id: prompt.id, prompt: toJson(prompt) }
  },
})

const previewRoute = defineRoute({
  method: 'get',
  path: '/api/assign-to-tmux',
  tag,
  summary: 'What a session would be asked',
  access: viewer,
  query: z.object({ type: z.enum(types), id: workRefSchema }),
  reply: z.object({ message: z.string() }),
  async handle({ web, query: { type, id } }) {
    const db = web.database.kysely
    return { message: await promptFor(db, await subjectOf(db, type, id)) }
  },
})

/** Throws `not_found`, also for an item of another type. */
async function subjectOf(db: Db, type: (typeof types)[number], id: WorkId | string): Promise<Subject> {
  if (type === 'error') {
    if (typeof id === 'number') return { error: id }
    throw new AppError('invalid', 'id: must be the number of an error')
  }
  const item = await getWork(db, id)
  if (item.kind !== type) throw new AppError('not_found', `${item.key} is no ${kindNames[type]}.`)
  return { work: item.id }
}

export const assignRoutes: readonly Route[] = [assignRoute, previewRoute]
