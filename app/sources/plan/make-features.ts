import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { MilestonePlan, PlanPhaseId, PlanTask } from '../../core/milestone-plan.ts'
import type { ProjectId } from '../../core/project.ts'
import type { WorkItem } from '../../core/work.ts'
import type { Database } from '../../db/open.ts'
import { createWork } from '../../db/work/create.ts'
import { lockPlanOf, workOfPlan } from '../../db/work/planned.ts'

/** More at once nobody has read. */
export const mostAtOnce = 200

/**
 * Makes a feature of each task that is named, or of all of a phase: once for each, by the tasks' keys. Returns what
 * was made. Throws `not_found` for keys that the plan does not have.
 */
export async function makeFeatures(
  database: Database,
  projectId: ProjectId,
  plan: MilestonePlan,
  wanted: {
    keys?: readonly string[] | undefined
    phase?: PlanPhaseId | undefined
    milestoneId: number | null
  },
  by: string,
  now: EpochMs,
): Promise<WorkItem[]> {
  const tasks = tasksOf(plan, wanted).slice(0, mostAtOnce)
  return database.write(async (db) => {
    await lockPlanOf(db, projectId)
    const made = await workOfPlan(db, projectId)
    const items: WorkItem[] = []
    for (const task of tasks.filter(({ key }) => !made.has(key))) {
      const words = {
        title: task.title,
        description: descriptionOf(task),
        milestoneId: wanted.milestoneId,
        priority: task.priority,
        severity: null,
        assignee: null,
        metadata: { plan_key: task.key, file: task.file, line: task.line },
      }
      items.push(await createWork(db, { ...words, kind: 'feature', projectId }, by, now))
    }
    return items
  })
}

/** Those that are named, and all of the phase. Throws `not_found` for keys that the plan does not have. */
export function tasksOf(
  plan: MilestonePlan,
  { keys = [], phase }: { keys?: readonly string[] | undefined; phase?: PlanPhaseId | undefined },
): PlanTask[] {
  const all = plan.phases.flatMap(({ id, tasks }) => tasks.map((task) => ({ id, task })))
  const missing = keys.find((key) => all.every(({ task }) => task.key !== key))
  if (missing !== undefined) {
    throw new AppError('not_found', `The plan has no task ${missing} any more. Look at it again.`)
  }
  return all.filter(({ id, task }) => id === phase || keys.includes(task.key)).map(({ task }) => task)
}

const mostItems = 200

function descriptionOf({ items }: PlanTask): string {
  const lines = items
    .slice(0, mostItems)
    .map(
      ({ done, text, file, line }) =>
        `- [${done ? 'x' : ' '}] ${escaped(text)} (\`${file.replace(/[`\n]/g, ' ')}:${line}\`)`,
    )
  const more = items.length - mostItems
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}

/** What stands in files is text here, whatever it says. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, String.raw`\$&`)
}
