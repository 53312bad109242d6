import type { PlannedProject } from '../app/sources/plan/make-plan.ts'
import { planProject } from '../app/sources/plan/plan-project.ts'
import type { KeptPlan } from '../app/sources/plan/plan-files.ts'
import { counted } from '../app/core/counted.ts'
import { AppError, messageOf } from '../app/core/errors.ts'
import type { Project } from '../app/core/project.ts'
import { findProject, listProjects } from '../app/db/project/read.ts'
import type { Db } from '../app/db/schema.ts'
import type { Log } from '../app/log.ts'
import type { Records } from '../app/records.ts'

/** Between two rounds through all projects, in ms; a plan that says the same is not written again. */
export const usualRoundMs = 60 * 60_000

/** Plans every active project, again and again, until it is asked to end. One that fails holds up no other. */
export async function runMilestoneWorker(
  records: Records,
  log: Log,
  signal: AbortSignal,
  roundMs = usualRoundMs,
): Promise<void> {
  while (!signal.aborted) {
    for (const project of await projectsToPlan(records.database.kysely)) {
      if (signal.aborted) return
      await planOne(records, log, project, signal)
    }
    await records.clock.sleep(roundMs, signal)
  }
}

async function planOne(records: Records, log: Log, project: PlannedProject, signal: AbortSignal) {
  try {
    const { plan, isNew } = await planProject(toolsOf(records), project, { signal })
    const tasks = plan.phases.reduce((sum, phase) => sum + phase.tasks.length, 0)
    if (isNew) log.progress(`planned ${project.name}: ${counted(tasks, 'task')}`)
  } catch (error) {
    if (signal.aborted) return
    log.json.warn({ err: error, project: project.name }, 'a project could not be planned')
    log.progress(`${project.name} could not be planned: ${messageOf(error)}`)
  }
}

/** Plans one project now. Throws what the scan throws. */
export function planNow(
  records: Records,
  project: PlannedProject,
  options: { signal: AbortSignal; onProgress?: (done: number, total: number) => void },
): Promise<KeptPlan> {
  return planProject(toolsOf(records), project, options)
}

/** Every active project with a folder; or the one that is meant. Throws `not_found` and `invalid`. */
export async function projectsToPlan(db: Db, wanted?: string): Promise<PlannedProject[]> {
  if (wanted !== undefined) return [plannable(await projectNamed(db, wanted))]
  const active = await listProjects(db, { statuses: ['active'] }, { limit: 10_000 })
  return active.filter(({ rootPath }) => rootPath !== null).map(plannable)
}

/** By number, key, name or folder. */
async function projectNamed(db: Db, wanted: string): Promise<Project> {
  const byRef = await findProject(db, /^\d+$/.test(wanted) ? Number(wanted) : wanted)
  if (byRef) return byRef
  const all = await listProjects(db, {}, { limit: 10_000 })
  const same = all.filter((p) => p.name.toLowerCase() === wanted.toLowerCase() || p.rootPath === wanted)
  if (same.length === 1) return same[0]!
  if (same.length > 1) {
    const keys = same.map(({ key }) => key).join(', ')
    throw new AppError('conflict', `Several projects are called ${wanted}: say which by its key: ${keys}.`)
  }
  throw new AppError('not_found', `There is no project ${wanted}. Import one at /sources, then scan it.`)
}

function plannable({ id, name, key, rootPath }: Project): PlannedProject {
  if (rootPath !== null) return { id, name, root: rootPath }
  throw new AppError('invalid', `${key} (${name}) has no folder on this machine. Give it one, then scan it.`)
}

const toolsOf = ({ database, clock, config }: Records) => ({ database, clock, dataDir: config.dataDir })
