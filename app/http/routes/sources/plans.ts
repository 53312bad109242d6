import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { milestonePlanSchema } from '../../../core/milestone-plan.ts'
import type { Project } from '../../../core/project.ts'
import { getProject } from '../../../db/project/read.ts'
import { toJson } from '../../../json.ts'
import { planOf } from '../../../sources/plan/plan-files.ts'
import { listPlanStatuses } from '../../../sources/plan/plan-status.ts'
import { startScan } from '../../../sources/plan/start-scan.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { projectRefSchema } from '../../schemas/project.ts'

const tag = 'Milestone plans'
const viewer: Access = { role: 'viewer', scope: 'read' }
const params = z.object({ id: projectRefSchema })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/milestone-plans',
  tag,
  summary: 'Which projects were scanned, and how far a scan is that goes on',
  access: viewer,
  reply: z.object({
    items: z.array(
      z.object({
        project: z.string(),
        project_id: z.number().nullable(),
        root: z.string(),
        state: z.enum(['scanning', 'done', 'failed']),
        pid: z.number(),
        began_at: z.number(),
        ended_at: z.number().nullable(),
        files: z.object({ done: z.number(), total: z.number() }),
        json: z.string().nullable().describe('in data/milestones'),
        markdown: z.string().nullable(),
        tasks: z.number(),
        failure: z.string().nullable(),
      }),
    ),
    next_cursor: z.null(),
  }),
  async handle({ web }) {
    return { items: toJson(await listPlanStatuses(web.config.dataDir)), next_cursor: null }
  },
})

const schemaRoute = defineRoute({
  method: 'get',
  path: '/api/milestone-plans/schema',
  tag,
  summary: 'The JSON schema of a plan',
  access: viewer,
  reply: z.record(z.string(), z.unknown()),
  handle: async () => z.toJSONSchema(milestonePlanSchema) as Record<string, unknown>,
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/milestone-plans/:id',
  tag,
  summary: 'The newest plan of a project',
  access: viewer,
  params,
  reply: milestonePlanSchema,
  async handle({ web, params: { id } }) {
    const project = await getProject(web.database.kysely, id)
    const plan = await planOf(web.config.dataDir, rootOf(project))
    if (plan) return plan
    throw new AppError(
      'not_found',
      `${project.key} was not scanned yet: milestone-worker --project ${project.key}`,
    )
  },
})

const scanRoute = defineRoute({
  method: 'post',
  path: '/api/milestone-plans/:id/scan',
  tag,
  summary: 'Scan a project in the background, and plan what is to be done',
  access: { role: 'operator', scope: 'prompts' },
  params,
  status: 202,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, params: { id } }) {
    const project = await getProject(web.database.kysely, id)
    const planned = { id: project.id, name: project.name, root: rootOf(project) }
    await startScan(web.config.dataDir, planned)
    return { success: true as const }
  },
})

/** Throws `invalid` when it has no folder. */
export function rootOf({ key, name, rootPath }: Project): string {
  if (rootPath !== null) return rootPath
  throw new AppError('invalid', `${key} (${name}) has no folder on this machine. Give it one, then scan it.`)
}

export const planRoutes: readonly Route[] = [listRoute, schemaRoute, showRoute, scanRoute]
