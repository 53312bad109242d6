import { z } from 'zod'
import { testResultSchema, testSuiteSchema } from '../../../core/test-suite.ts'
import { getTestRun, keepTestRun, latestTestRuns, listTestRuns } from '../../../db/test-run/test-runs.ts'
import { toJson } from '../../../json.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { cursorSchema, idParams, limitSchema, pageAt, pageOf } from '../../schemas/list.ts'
import { testRunSchema } from '../../schemas/test-run.ts'

const tag = 'Test suites'
const viewer: Access = { role: 'viewer', scope: 'read' }

const listRoute = defineRoute({
  method: 'get',
  path: '/api/test-runs',
  tag,
  summary: 'Runs of test suites, the newest first',
  access: viewer,
  query: z.object({ suite: z.string().max(200).optional(), limit: limitSchema, cursor: cursorSchema }),
  reply: pageOf(testRunSchema),
  async handle({ web, query: { suite, limit, cursor = 0 } }) {
    const runs = await listTestRuns(web.database.kysely, { suite }, { limit: limit + 1, offset: cursor })
    return pageAt(toJson(runs), { limit, cursor })
  },
})

const latestRoute = defineRoute({
  method: 'get',
  path: '/api/test-runs/latest',
  tag,
  summary: 'The last run of each suite',
  access: viewer,
  reply: pageOf(testRunSchema),
  handle: async ({ web }) => ({
    items: toJson(await latestTestRuns(web.database.kysely)),
    next_cursor: null,
  }),
})

const schemaRoute = defineRoute({
  method: 'get',
  path: '/api/test-runs/suite-schema',
  tag,
  summary: 'The JSON schema of a test suite',
  access: viewer,
  reply: z.record(z.string(), z.unknown()),
  handle: async () => z.toJSONSchema(testSuiteSchema, { io: 'input' }) as Record<string, unknown>,
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/test-runs/:id',
  tag,
  summary: 'One run with its cases and steps',
  access: viewer,
  params: idParams,
  reply: testRunSchema.extend({ result: testResultSchema }),
  async handle({ web, params }) {
    const { result, ...run } = await getTestRun(web.database.kysely, params.id)
    return { ...toJson(run), result }
  },
})

const keepRoute = defineRoute({
  method: 'post',
  path: '/api/test-runs',
  tag,
  summary: 'Keep what came of a run elsewhere',
  access: { role: 'operator', scope: 'prompts' },
  status: 201,
  bodyBytes: 8_388_608,
  body: testResultSchema,
  reply: z.object({ success: z.literal(true), id: z.number() }),
  async handle({ web: { database, clock }, body, caller }) {
    const id = await database.write((db) => keepTestRun(db, body, caller!.name, clock.now()))
    return { success: true as const, id }
  },
})

export const testRunRoutes: readonly Route[] = [listRoute, latestRoute, schemaRoute, showRoute, keepRoute]
