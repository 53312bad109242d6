import { z } from 'zod'
import { answerInteraction } from '../../../broker/interactions/answer.ts'
import type { Wish } from '../../../broker/interactions/answer-of.ts'
import { ruleFromInteraction } from '../../../broker/interactions/new-rule.ts'
import { AppError } from '../../../core/errors.ts'
import { interactionStates } from '../../../core/interaction.ts'
import { ruleConditionsSchema } from '../../../core/pattern.ts'
import { getInteraction, listInteractions } from '../../../db/interaction/read.ts'
import { interactionJson, patternJson } from '../../interaction-json.ts'
import { atNode } from '../../at-node.ts'
import { defineRoute, type Route } from '../../route.ts'
import { interactionSchema, patternSchema } from '../../schemas/interaction.ts'
import { cursorSchema, idParams, limitSchema, pageOf, severalOf } from '../../schemas/list.ts'

const tag = 'Claude interactions'
const looking = { role: 'viewer', scope: 'read' } as const
/**
 * No token of a session has a scope: an agent that may answer for agents could let itself do anything. What it may
 * answer all the same, within `answer` of hierarchy.yaml, it answers by its tools (`app/mcp/tools/answer.ts`).
 */
const steering = { role: 'operator', scope: 'sessions' } as const

const listRoute = defineRoute({
  method: 'get',
  path: '/api/claude/interactions',
  tag,
  summary: 'Permission prompts and questions of all sessions, the newest first',
  access: looking,
  query: z.object({
    state: severalOf(interactionStates),
    session: z.string().min(1).max(200).optional(),
    cursor: cursorSchema,
    limit: limitSchema,
  }),
  reply: pageOf(interactionSchema),
  async handle({ web, query }) {
    const { state, session, cursor, limit } = query
    const rows = await listInteractions(web.database.kysely, {
      limit: limit + 1,
      ...(state && { states: state }),
      ...(session !== undefined && { sessionName: session }),
      ...(cursor !== undefined && { before: cursor }),
    })
    const items = rows.slice(0, limit).map((row) => interactionJson(row, web.config))
    return { items, next_cursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
  },
})

const readRoute = defineRoute({
  method: 'get',
  path: '/api/claude/interactions/:id',
  tag,
  summary: 'One permission prompt or question, with its decision',
  access: looking,
  params: idParams,
  reply: interactionSchema,
  handle: async ({ web, params }) =>
    interactionJson(await getInteraction(web.database.kysely, params.id), web.config),
})

const mostOptions = 100
const numberSchema = z.coerce.number().int().min(1).max(mostOptions)
const optionSchema = z.preprocess(
  (given) => (typeof given === 'string' && given.includes(',') ? given.split(',') : given),
  z.union([numberSchema, z.array(numberSchema).min(1).max(mostOptions)]),
)

const handleRoute = defineRoute({
  method: 'post',
  path: '/api/claude/interactions/:id/handle',
  tag,
  summary: 'Answer it: given only if the same dialog is still there',
  access: steering,
  params: idParams,
  form: true,
  body: z.strictObject({
    action: z.enum(['approve', 'deny', 'answer']),
    option: optionSchema
      .optional()
      .describe('number of an option, with "answer"; a list, or "1,3", of those that shall be ticked'),
    text: z.string().min(1).max(10_000).optional().describe('words of your own, with "answer"'),
  }),
  reply: z.object({ success: z.literal(true), interaction: interactionSchema }),
  async handle({ web, params, body, caller, requestId }) {
    const { node } = await getInteraction(web.database.kysely, params.id)
    const at = atNode(web, node)
    const done = await answerInteraction(at, params.id, wishOf(body), caller!.actor, `http-${requestId}`)
    return { success: true as const, interaction: interactionJson(done, web.config) }
  },
})

function wishOf({
  action,
  option,
  text,
}: {
  action: string
  option?: number | number[] | undefined
  text?: string | undefined
}): Wish {
  if (action === 'approve' || action === 'deny') return { say: action }
  if (option !== undefined) return text === undefined ? { option } : { option, text }
  if (text !== undefined) return { text }
  throw new AppError('invalid', 'option or text: what shall be answered?')
}

const createPatternRoute = defineRoute({
  method: 'post',
  path: '/api/claude/interactions/:id/create-pattern',
  tag,
  summary: 'Make a rule of it, as a draft: narrow, unless conditions are given',
  access: steering,
  params: idParams,
  body: z.strictObject({
    effect: z.enum(['allow', 'deny']).default('allow'),
    name: z.string().min(1).max(200).optional(),
    conditions: ruleConditionsSchema.optional(),
    wider: z.number().int().min(1).max(20).optional().describe('which of the wider suggestions'),
  }),
  reply: z.object({ success: z.literal(true), pattern: patternSchema }),
  async handle({ web, params, body, caller }) {
    const pattern = await ruleFromInteraction(web, params.id, body, caller!.actor)
    return { success: true as const, pattern: patternJson(pattern) }
  },
})

export const interactionRoutes: readonly Route[] = [listRoute, readRoute, handleRoute, createPatternRoute]
