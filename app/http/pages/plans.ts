import { z } from 'zod'
import { getProject, listProjects } from '../../db/project/read.ts'
import { workOfPlan } from '../../db/work/planned.ts'
import { planOf } from '../../sources/plan/plan-files.ts'
import { listPlanStatuses, planStatusOf, type PlanStatus } from '../../sources/plan/plan-status.ts'
import { definePage, type Page } from '../page.ts'
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
  topics: ['work'],
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
        tasks: phase.tasks
          .slice(0, mostTasks)
          .map((task) => ({ ...task, workId: made.get(task.key) ?? null })),
      })),
    }
  },
})

function shownStatus(status: PlanStatus | null) {
  return status && { ...status, glyph: glyphs[status.state] }
}
