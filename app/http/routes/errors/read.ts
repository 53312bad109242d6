import { z } from 'zod'
import { errorStates } from '../../../core/reported-error.ts'
import {
  countErrorGroups,
  errorHours,
  getError,
  getErrorGroup,
  listErrorGroups,
  listErrorNodes,
  listErrors,
  listErrorSamples,
  type ErrorFilter,
} from '../../../db/error/read.ts'
import { listRefusals } from '../../../db/error/refusals.ts'
import { toJson } from '../../../json.ts'
import { defineRoute, type Route } from '../../route.ts'
import {
  errorGroupSchema,
  errorHourSchema,
  errorPlaceSchema,
  errorSampleSchema,
  errorSchema,
  refusalsSchema,
} from '../../schemas/error.ts'
import {
  cursorSchema,
  idParams,
  idSchema,
  limitSchema,
  pageAt,
  pageOf,
  severalOf,
} from '../../schemas/list.ts'

const tag = 'Errors'
const viewer = { role: 'viewer', scope: 'read' } as const
const dayMs = 86_400_000

const filterQuery = z.object({
  state: severalOf(errorStates),
  node: z.string().max(200).optional().describe('where it happened at least once'),
  source: z.string().max(1_000).optional(),
  error_type: z.string().max(200).optional(),
  q: z.string().max(200).optional().describe('words in type, message or source'),
  since: z.coerce.number().int().min(0).optional().describe('seen at this time or later, epoch ms'),
  limit: limitSchema,
  cursor: cursorSchema,
})

function filterOf({ state, node, source, error_type, q, since }: z.output<typeof filterQuery>): ErrorFilter {
  return {
    ...(state && { states: state }),
    ...(node !== undefined && { node }),
    ...(source !== undefined && { source }),
    ...(error_type !== undefined && { errorType: error_type }),
    ...(q !== undefined && { text: q }),
    ...(since !== undefined && { since }),
  }
}

const listRoute = defineRoute({
  method: 'get',
  path: '/api/errors',
  tag,
  summary: 'Errors by type, message and source, what was seen last first',
  access: viewer,
  query: filterQuery.extend({ group: idSchema.optional().describe('only of this group') }),
  reply: pageOf(errorSchema),
  async handle({ web, query }) {
    const filter = { ...filterOf(query), ...(query.group !== undefined && { groupId: query.group }) }
    const slice = { limit: query.limit + 1, offset: query.cursor ?? 0 }
    return pageAt(toJson(await listErrors(web.database.kysely, filter, slice)), query)
  },
})

const groupsRoute = defineRoute({
  method: 'get',
  path: '/api/errors/groups',
  tag,
  summary:
    'Errors that differ only in numbers, ids, paths and times as one, with the counts of the last 24 hours',
  access: viewer,
  query: filterQuery,
  reply: pageOf(errorGroupSchema.extend({ hours: z.array(errorHourSchema) })).extend({
    counts: z.partialRecord(z.enum(errorStates), z.number()).describe('of all that fit, by state'),
  }),
  async handle({ web, query }) {
    const db = web.database.kysely
    const slice = { limit: query.limit + 1, offset: query.cursor ?? 0 }
    const groups = await listErrorGroups(db, filterOf(query), slice)
    const ids = groups.map(({ id }) => id)
    const hours = await errorHours(db, ids, web.clock.now() - dayMs)
    const withHours = groups.map((group) => ({
      ...toJson(group),
      hours: hours.filter(({ groupId }) => groupId === group.id).map(({ hour, count }) => ({ hour, count })),
    }))
    return { ...pageAt(withHours, query), counts: await countErrorGroups(db, filterOf(query)) }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/errors/:id',
  tag,
  summary: 'One error with its group: samples with stacks, nodes, counts by hour',
  access: viewer,
  params: idParams,
  reply: errorSchema.extend({
    group: errorGroupSchema,
    samples: z.array(errorSampleSchema),
    nodes: z.array(errorPlaceSchema),
    hours: z.array(errorHourSchema),
  }),
  async handle({ web, params }) {
    const db = web.database.kysely
    const error = await getError(db, params.id)
    const [group, samples, nodes, hours] = await Promise.all([
      getErrorGroup(db, params.id),
      listErrorSamples(db, error.groupId),
      listErrorNodes(db, error.groupId),
      errorHours(db, [error.groupId], 0),
    ])
    return {
      ...toJson(error),
      group: toJson(group),
      samples: toJson(samples),
      nodes: toJson(nodes),
      hours: hours.map(({ hour, count }) => ({ hour, count })),
    }
  },
})

const refusedRoute = defineRoute({
  method: 'get',
  path: '/api/errors/refused',
  tag,
  summary: 'What was reported and not taken in the last 24 hours, and why',
  access: viewer,
  reply: pageOf(refusalsSchema),
  async handle({ web }) {
    const refusals = await listRefusals(web.database.kysely, web.clock.now() - dayMs, 200)
    return { items: toJson(refusals), next_cursor: null }
  },
})

export const readErrorRoutes: readonly Route[] = [listRoute, groupsRoute, refusedRoute, showRoute]
