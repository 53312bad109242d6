import { z } from 'zod'
import { getProject, listProjects } from '../../db/project/read.ts'
import { planPhases, type PlanTask } from '../../core/milestone-plan.ts'
import { queuedByKey, workOfPlan } from '../../db/work/planned.ts'
import { planQueueKey } from '../../sources/plan/queue-tasks.ts'
import { planOf } from '../../sources/plan/plan-files.ts'
import { listPlanStatuses, planStatusOf, type PlanStatus } from '../../sources/plan/plan-status.ts'
import { listTypes } from '../../tasks/create.ts'
import { definePage, type Page } from '../page.ts'
import { operator as makesTasks } from '../routes/tasks/queue.ts'
import { projectRefSchema } from '../schemas/project.ts'

const glyphs: Record<PlanStatus['state'], string> = { scanning: '◐', done: '✓', failed: '✕' }
const mostProjects = 200
const mostTasks = 200

/** What was planned of each project, and how far a scan is that goes on. */
export const plansPage: Page = definePage({
  path: '/plans',
  name: 'plans',
  area: 'work',
  topics: ['work'],
  async load({ web }) {
    const [projects, statuses] = await Promise.all([
      listProjects(web.database.kysely, { statuses: ['active'] }, { limit: mostProjects }),
      listPlanStatuses(web.config.dataDir),
    ])
    const withFolder = projects.filter(({ rootPath }) => rootPath !== null)
    return {
      title: 'Milestone plans',
      rows: withFolder.map((project) => ({
        project,
        status: shownStatus(statuses.find(({ root }) => root === project.rootPath) ?? null),
      })),
    }
  },
})

/** The newest plan of a project: phases, tasks, and what has become a feature. */
export const planPage: Page = definePage({
  path: '/plans/:id',
  name: 'plan',
  area: 'work',
  topics: ['work', 'prompts', 'tasks'],
  params: z.object({ id: projectRefSchema }),
  async load({ web, params: { id } }) {
    const db = web.database.kysely
    const project = await getProject(db, id)
    const root = project.rootPath
    const [plan, status, made] = await Promise.all([
      root === null ? null : planOf(web.config.dataDir, root),
      root === null ? null : planStatusOf(web.config.dataDir, root),
      workOfPlan(db, project.id),
    ])
    const keyOf = (task: PlanTask) => planQueueKey(project.id, task)
    const shown = plan?.phases.flatMap(({ tasks }) => tasks.slice(0, mostTasks)) ?? []
    const queued = await queuedByKey(db, shown.map(keyOf))
    return {
      title: `Plan of ${project.name}`,
      project,
      status: shownStatus(status),
      plan,
      plannedAt: plan ? Date.parse(plan.generated_at) : null,
      phases: plan?.phases.map((phase) => ({
        ...phase,
        left: phase.tasks.filter(({ key }) => !made.has(key)).length,
        more: Math.max(0, phase.tasks.length - mostTasks),
        tasks: phase.tasks.slice(0, mostTasks).map((task) => ({
          ...task,
          workId: made.get(task.key) ?? null,
          queued: queued.get(keyOf(task)) ?? null,
        })),
      })),
    }
  },
})

/** Background tasks of a whole phase: which type does them, and how. */
export const planTasksPage: Page = definePage({
  path: '/plans/:id/tasks/:phase',
  name: 'plan-tasks',
  area: 'work',
  access: makesTasks,
  params: z.object({ id: projectRefSchema, phase: z.enum(planPhases) }),
  async load({ web, params: { id, phase } }) {
    const db = web.database.kysely
    const project = await getProject(db, id)
    const types = await listTypes(db, web.clock.now())
    const isFitting = (type: string) => type !== 'git' && type !== 'tmux'
    return {
      title: `Background tasks for ${project.name}`,
      project,
      phase,
      types: types.filter(({ type }) => isFitting(type)),
    }
  },
})

function shownStatus(status: PlanStatus | null) {
  return status && { ...status, glyph: glyphs[status.state] }
}
