import { z } from 'zod'
import { escalate, escalations } from '../../../broker/delegation/escalate.ts'
import { accept, sendBack } from '../../../broker/delegation/review.ts'
import { promptTree } from '../../../broker/delegation/tree.ts'
import { AppError } from '../../../core/errors.ts'
import { promptStates, reviews } from '../../../core/prompt.ts'
import { childrenOf, getPrompt } from '../../../db/prompts.ts'
import { toJson } from '../../../json.ts'
import { changedPrompt } from '../../changed-prompt.ts'
import { defineRoute, type Route } from '../../route.ts'
import { cursorSchema, idParams, limitSchema, pageOf } from '../../schemas/list.ts'
import { changedPromptSchema, promptSchema } from '../../schemas/prompt.ts'

/*
 * Prompts that are parts of others, and what is said about their results.
 */

const tag = 'Delegation'
const looking = { role: 'viewer', scope: 'read' } as const

const childrenRoute = defineRoute({
  method: 'get',
  path: '/api/prompts/:id/children',
  tag,
  summary: 'The prompts that this one delegated, the oldest first',
  access: looking,
  params: idParams,
  query: z.object({ limit: limitSchema, cursor: cursorSchema }),
  reply: pageOf(promptSchema),
  async handle({ web, params, query }) {
    const db = web.database.kysely
    await getPrompt(db, params.id)
    const { limit, cursor } = query
    const rows = await childrenOf(db, params.id, {
      limit: limit + 1,
      ...(cursor !== undefined && { after: cursor }),
    })
    const items = rows.slice(0, limit)
    return { items: toJson(items), next_cursor: rows.length > limit ? items.at(-1)!.id : null }
  },
})

const time = z.number().nullable().describe('epoch ms')

const treeRoute = defineRoute({
  method: 'get',
  path: '/api/prompts/:id/tree',
  tag,
  summary: 'The whole tree that this prompt belongs to, each one directly behind its parent',
  access: looking,
  params: idParams,
  reply: z.object({
    id: z.number(),
    nodes: z.array(
      z.object({
        id: z.number(),
        parent: z.number().nullable(),
        level: z.number().describe('steps below the first one'),
        state: z.enum(promptStates),
        kind: z.string().nullable(),
        title: z.string(),
        session_name: z.string().nullable(),
        review: z.enum(reviews).nullable(),
        attempts: z.number(),
        started_at: time,
        ended_at: time,
      }),
    ),
    is_cut: z.boolean(),
  }),
  handle: async ({ web, params }) => toJson(await promptTree(web.database.kysely, params.id)),
})

const reviewRoute = defineRoute({
  method: 'post',
  path: '/api/prompts/:id/review',
  tag,
  summary: 'Accept a result, or send it back with a comment, which is what the next attempt says',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  body: z.strictObject({
    decision: z.enum(['accept', 'send_back']),
    comment: z.string().max(200_000).nullish(),
  }),
  reply: changedPromptSchema,
  async handle({ web, params, body, caller }) {
    const by = caller?.agent ?? null
    const comment = body.comment?.trim() ? body.comment : null
    const now = web.clock.now()
    if (body.decision === 'accept')
      return changedPrompt(await accept(web.database, params.id, by, comment, now))
    if (comment === null) throw new AppError('invalid', 'comment: say what is to be done differently.')
    return changedPrompt(await sendBack(web.database, params.id, by, comment, now))
  },
})

const escalateRoute = defineRoute({
  method: 'post',
  path: '/api/prompts/:id/escalate',
  tag,
  summary: 'Take a question about a prompt to the session that delegated it, or to a person where none did',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  body: z.strictObject({
    question: z.string().min(1).max(200_000),
    to: z.enum(escalations).optional().describe('default: the session that delegated it, else a person'),
  }),
  reply: z.object({
    success: z.literal(true),
    asked: z.enum(['session', 'person']),
    prompt_id: z.number().optional().describe('the question, as a prompt for that session'),
    task_id: z.number().optional().describe('the question, on the list of people'),
  }),
  async handle({ web, params, body: { question, to } }) {
    const asked = await escalate(web.database, params.id, question, web.clock.now(), to)
    return { success: true as const, ...toJson(asked) }
  },
})

export const familyRoutes: readonly Route[] = [childrenRoute, treeRoute, reviewRoute, escalateRoute]
