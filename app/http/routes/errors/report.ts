import { z } from 'zod'
import { errorLimits } from '../../../core/reported-error.ts'
import { Prepared } from '../../prepared.ts'
import { defineRoute, type Route } from '../../route.ts'

/** What a program says in a field; numbers are words, too, and whoever reports an error need not care for more. */
const word = z.union([z.string(), z.number().transform(String)]).nullish()

const reportRoute = defineRoute({
  method: 'post',
  path: '/api/errors',
  tag: 'Errors',
  summary: 'Report an error, from anywhere and without a login; it is stored when this answers',
  access: 'public',
  anonymous: true,
  bodyBytes: errorLimits.bodyBytes,
  body: z.object({
    message: z.union([z.string().min(1, { error: 'must not be empty' }), z.number().transform(String)]),
    error_type: word.describe('error, when it is not said'),
    source: word.describe('file, module or program'),
    node_id: word.describe('name of the machine'),
    stack_trace: z.string().nullish(),
    session: word.describe("name of the agent's session that reports it"),
    metadata: z.record(z.string(), z.unknown()).nullish().describe('release, environment, tags'),
  }),
  reply: z.object({
    success: z.literal(true),
    id: z.number(),
    group_id: z.number(),
    count: z.number().describe('how often exactly this happened'),
    is_new: z.boolean().describe('nothing like it was known'),
  }),
  async handle({ web, body, address }) {
    const report = {
      node: body.node_id ?? '',
      errorType: body.error_type ?? '',
      message: body.message,
      source: body.source ?? '',
      stack: body.stack_trace ?? null,
      session: body.session ?? null,
      metadata: body.metadata ?? {},
    }
    const { id, groupId, count, isNew } = await web.errors.report(report, address)
    return new Prepared({ success: true as const, id, group_id: groupId, count, is_new: isNew })
  },
})

export const reportErrorRoutes: readonly Route[] = [reportRoute]
