import { z } from 'zod'
import { submit } from '../../../broker/commands.ts'
import { AppError } from '../../../core/errors.ts'
import { planPhases, type MilestonePlan, type PlanTask } from '../../../core/milestone-plan.ts'
import { getProject } from '../../../db/project/read.ts'
import { mostAtOnce, tasksOf } from '../../../sources/plan/make-features.ts'
import { planData, planEnvironment, planPrompt, planQueueKey } from '../../../sources/plan/queue-tasks.ts'
import { createTask } from '../../../tasks/create.ts'
import { isBuiltIn } from '../../../tasks/types.ts'
import { defineRoute, type Route } from '../../route.ts'
import { newPromptOf } from '../../schemas/new-prompt.ts'
import { projectRefSchema } from '../../schemas/project.ts'
import { operator as makesTasks } from '../tasks/queue.ts'
import { requirePlan } from './plans.ts'

const tag = 'Milestone plans'
const params = z.object({ id: projectRefSchema })
const which = {
  keys: z.array(z.string().max(40)).max(mostAtOnce).optional(),
  phase: z.enum(planPhases).optional().describe('all of it'),
}

const promptsRoute = defineRoute({
  method: 'post',
  path: '/api/milestone-plans/:id/prompts',
  tag,
  summary: 'Queue tasks of the newest plan for whoever is idle in the project, each once',
  access: { role: 'operator', scope: 'prompts' },
  params,
  body: z.strictObject({
    ...which,
    target_session: z.string().min(1).max(500).nullish().describe('this one alone'),
  }),
  reply: z.object({ success: z.literal(true), made: z.number(), prompt_ids: z.array(z.number()) }),
  async handle({ web, params: { id }, body }) {
    const { database, clock, config } = web
    const project = await getProject(database.kysely, id)
    const plan = await requirePlan(config.dataDir, project)
    const prompt_ids: number[] = []
    for (const task of tasksOf(plan, body).slice(0, mostAtOnce)) {
      const input = newPromptOf({
        content: planPrompt(task),
        priority: task.priority,
        ...(body.target_session ? { target_session: body.target_session } : { target_dir: plan.root }),
        metadata: { plan_key: task.key, project: project.key },
        idempotency_key: planQueueKey(project.id, task),
      })
      const { prompt, created } = await submit(database, input, clock.now())
      if (created) prompt_ids.push(prompt.id)
    }
    return { success: true as const, made: prompt_ids.length, prompt_ids }
  },
})

const tasksRoute = defineRoute({
  method: 'post',
  path: '/api/milestone-plans/:id/tasks',
  tag,
  summary: 'Make background tasks of tasks of the newest plan, each once',
  access: makesTasks,
  params,
  body: z.strictObject({
    ...which,
    type: z
      .string()
      .min(1)
      .max(40)
      .describe('one with programs gets PLAN_… in env, one of your own data.plan'),
    data: z.record(z.string(), z.unknown()).default({}).describe('what the type asks for besides'),
  }),
  reply: z.object({ success: z.literal(true), made: z.number(), task_ids: z.array(z.number()) }),
  async handle({ web, params: { id }, body, caller }) {
    const { database, clock, config } = web
    const project = await getProject(database.kysely, id)
    const plan = await requirePlan(config.dataDir, project)
    const wanted = tasksOf(plan, body).slice(0, mostAtOnce)
    const task_ids = await database.write(async (db) => {
      const made: number[] = []
      for (const task of wanted) {
        const input = {
          type: body.type,
          data: dataFor(body, plan, task),
          name: task.title,
          priority: task.priority,
          dir: plan.root,
          createdBy: caller!.name,
          idempotencyKey: planQueueKey(project.id, task),
        }
        const { task: queued, created } = await createTask(db, input, clock.now())
        if (created) made.push(queued.id)
      }
      return made
    })
    return { success: true as const, made: task_ids.length, task_ids }
  },
})

/** Throws `invalid` for a type that has no way to hear of the plan. */
function dataFor(
  { type, data }: { type: string; data: Record<string, unknown> },
  plan: MilestonePlan,
  task: PlanTask,
): Record<string, unknown> {
  if (!isBuiltIn(type)) return { ...data, plan: planData(plan, task) }
  if (type === 'git' || type === 'tmux') {
    throw new AppError(
      'invalid',
      `A task of type ${type} does nothing with a plan. Take shell, or one of your own.`,
    )
  }
  const { env } = data
  const given = env !== null && typeof env === 'object' ? { ...env } : {}
  return { ...data, env: { ...given, ...planEnvironment(task) } }
}

export const planQueueRoutes: readonly Route[] = [promptsRoute, tasksRoute]
