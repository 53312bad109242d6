import { z } from 'zod'
import { askHuman } from '../../broker/human-tasks/ask.ts'
import { answerHuman, dismissHuman } from '../../broker/human-tasks/end.ts'
import { humanTaskStates, type HumanTask } from '../../core/human-task.ts'
import { getHumanTask, listHumanTasks } from '../../db/human-task/read.ts'
import { listPromptSummaries } from '../../db/prompt/summary.ts'
import { toJson } from '../../json.ts'
import { defineRoute, type Route } from '../route.ts'
import { blockedPromptSchema, humanTaskSchema } from '../schemas/human-task.ts'
import { cursorSchema, idParams, limitSchema, maxPageSize, pageOf, severalOf } from '../schemas/list.ts'

const tag = 'Human tasks'
const viewer = { role: 'viewer', scope: 'read' } as const
const operator = { role: 'operator', scope: 'prompts' } as const
const changed = z.object({ success: z.literal(true), human_task: humanTaskSchema })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/human-tasks',
  tag,
  summary: 'What sessions ask of people, the newest first; and the prompts that wait for a decision',
  access: viewer,
  query: z.object({
    state: severalOf(humanTaskStates),
    session: z.string().max(200).optional(),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(humanTaskSchema).extend({ blocked_prompts: z.array(blockedPromptSchema) }),
  async handle({ web, query }) {
    const { state, session, limit, cursor } = query
    const db = web.database.kysely
    const tasks = await listHumanTasks(db, {
      limit: limit + 1,
      ...(state && { states: state }),
      ...(session !== undefined && { session }),
      ...(cursor !== undefined && { before: cursor }),
    })
    const blocked = await listPromptSummaries(db, { attention: true, limit: maxPageSize })
    const items = tasks.slice(0, limit)
    return {
      items: toJson(items),
      next_cursor: tasks.length > limit ? items.at(-1)!.id : null,
      blocked_prompts: blocked.map(({ id, state: promptState, attention, beginning, sessionName }) => ({
        prompt_id: id,
        state: promptState,
        attention: attention ?? '',
        beginning,
        session: sessionName,
      })),
    }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/human-tasks/:id',
  tag,
  summary: 'One question, with its answer when it has one',
  access: viewer,
  params: idParams,
  reply: humanTaskSchema,
  handle: async ({ web, params }) => toJson(await getHumanTask(web.database.kysely, params.id)),
})

const askRoute = defineRoute({
  method: 'post',
  path: '/api/human-tasks',
  tag,
  summary: 'Ask a person; the answer comes to the session as its next prompt',
  access: operator,
  body: z.strictObject({
    session: z.string().min(1).max(200),
    question: z.string(),
    context: z.string().nullish(),
    choices: z.array(z.string()).default([]),
    prompt_id: z.number().int().positive().nullish(),
    due_at: z.number().int().nullish().describe('epoch ms'),
    idempotency_key: z.string().min(1).max(200).nullish(),
  }),
  reply: changed.extend({ created: z.boolean() }),
  async handle({ web, body }) {
    const { prompt_id, due_at, idempotency_key, context = null, ...rest } = body
    const more = {
      promptId: prompt_id ?? null,
      dueAt: due_at ?? null,
      idempotencyKey: idempotency_key ?? null,
    }
    const question = { ...rest, ...more, context, node: web.config.node }
    const { task, created } = await askHuman(web.database, question, web.clock.now())
    return { ...changedTask(task), created }
  },
})

const answerRoute = defineRoute({
  method: 'post',
  path: '/api/human-tasks/:id/answer',
  tag,
  summary: 'Answer a question; conflict when somebody answered before',
  access: operator,
  params: idParams,
  body: z.strictObject({ answer: z.string() }),
  reply: changed,
  async handle({ web, params, body, caller }) {
    const said = { answer: body.answer, by: caller!.name }
    return changedTask(await answerHuman(web.database, params.id, said, web.clock.now()))
  },
})

const dismissRoute = defineRoute({
  method: 'post',
  path: '/api/human-tasks/:id/dismiss',
  tag,
  summary: 'Say that nobody will answer; the session is told',
  access: operator,
  params: idParams,
  body: z.strictObject({ reason: z.string().nullish() }),
  reply: changed,
  async handle({ web, params, body, caller }) {
    const said = { reason: body.reason ?? null, by: caller!.name }
    return changedTask(await dismissHuman(web.database, params.id, said, web.clock.now()))
  },
})

function changedTask(task: HumanTask) {
  return { success: true as const, human_task: toJson(task) }
}

export const humanTaskRoutes: readonly Route[] = [listRoute, showRoute, askRoute, answerRoute, dismissRoute]
