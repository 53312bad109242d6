import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { milestonePlanSchema, planPhases, type MilestonePlan } from '../../../core/milestone-plan.ts'
import type { Project } from '../../../core/project.ts'
import { getProject } from '../../../db/project/read.ts'
import { toJson } from '../../../json.ts'
import { makeFeatures } from '../../../sources/plan/make-features.ts'
import { planOf } from '../../../sources/plan/plan-files.ts'
import { listPlanStatuses } from '../../../sources/plan/plan-status.ts'
import { startScan } from '../../../sources/plan/start-scan.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { projectRefSchema } from '../../schemas/project.ts'
import { workSchema } from '../../schemas/work.ts'

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
    return requirePlan(web.config.dataDir, await getProject(web.database.kysely, id))
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

const featuresRoute = defineRoute({
  method: 'post',
  path: '/api/milestone-plans/:id/features',
  tag,
  summary: 'Make features of tasks of the newest plan, each once',
  access: { role: 'operator', scope: 'prompts' },
  params,
  body: z.strictObject({
    keys: z.array(z.string().max(40)).max(200).optional(),
    phase: z.enum(planPhases).optional().describe('all of it'),
    milestone_id: z.number().int().positive().nullable().default(null),
  }),
  reply: z.object({ success: z.literal(true), made: z.number(), items: z.array(workSchema) }),
  async handle({ web: { database, clock, config }, params: { id }, body, caller }) {
    const project = await getProject(database.kysely, id)
    const plan = await requirePlan(config.dataDir, project)
    const wanted = { keys: body.keys, phase: body.phase, milestoneId: body.milestone_id }
    const items = await makeFeatures(database, project.id, plan, wanted, caller!.name, clock.now())
    return { success: true as const, made: items.length, items: toJson(items) }
  },
})

/** Throws `not_found` when it was not scanned yet. */
export async function requirePlan(dataDir: string, project: Project): Promise<MilestonePlan> {
  const plan = await planOf(dataDir, rootOf(project))
  if (plan) return plan
  throw new AppError(
    'not_found',
    `${project.key} was not scanned yet: milestone-worker --project ${project.key}`,
  )
}

/** Throws `invalid` when it has no folder. */
function rootOf({ key, name, rootPath }: Project): string {
  if (rootPath !== null) return rootPath
  throw new AppError('invalid', `${key} (${name}) has no folder on this machine. Give it one, then scan it.`)
}

export const planRoutes: readonly Route[] = [listRoute, schemaRoute, showRoute, scanRoute, featuresRoute]
