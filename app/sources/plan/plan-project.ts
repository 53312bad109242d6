import type { Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import type { Database } from '../../db/open.ts'
import { appendEvent } from '../../db/events.ts'
import { scanTree } from '../scan/scan-tree.ts'
import { makePlan, type PlannedProject } from './make-plan.ts'
import { keepPlan, type KeptPlan } from './plan-files.ts'
import { keepPlanStatus, type PlanStatus } from './plan-status.ts'

export interface PlanTools {
  database: Database
  clock: Clock
  dataDir: string
}

/** How often somebody who looks on is told how far it is, in ms. */
const tellEveryMs = 500

/**
 * Scans a project and keeps its plan. How far it is stands in its status file all the time; that it began and how
 * it ended is in the event log. Throws what the scan throws, after that has been told.
 */
export async function planProject(
  { database, clock, dataDir }: PlanTools,
  project: PlannedProject,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<KeptPlan> {
  let status = begun(project, clock.now())
  let toldAt = 0
  let told: Promise<void> = Promise.resolve()
  const tell = (changes: Partial<PlanStatus>) => {
    status = { ...status, ...changes }
    const now = status
    told = told.then(() => keepPlanStatus(dataDir, now))
    return told
  }
  const note = (type: string, data: object) =>
    database.write(async (db) => {
      const words = { name: project.name, ...data }
      appendEvent(db, { at: clock.now(), noun: 'plan', nounId: String(project.id ?? ''), type, data: words })
    })
  try {
    await tell({})
    await note('scan', {})
    const found = await scanTree(project.root, {
      ...(signal && { signal }),
      onProgress(done, total) {
        onProgress?.(done, total)
        if (clock.now() - toldAt < tellEveryMs) return
        toldAt = clock.now()
        tell({ files: { done, total } }).catch(() => undefined) // the next write of it throws, too
      },
    })
    const kept = await keepPlan(dataDir, makePlan(project, found, clock.now()))
    const tasks = kept.plan.phases.reduce((sum, phase) => sum + phase.tasks.length, 0)
    const files = { done: found.counts.files, total: found.counts.files }
    await tell({ ...endedAs('done', clock.now()), files, json: kept.json, markdown: kept.markdown, tasks })
    await note('make', { tasks, isNew: kept.isNew })
    return kept
  } catch (error) {
    await tell({ ...endedAs('failed', clock.now()), failure: messageOf(error) })
    await note('fail', { reason: messageOf(error) })
    throw error
  }
}

function begun({ name, id, root }: PlannedProject, now: number): PlanStatus {
  return {
    project: name,
    projectId: id,
    root,
    state: 'scanning',
    pid: process.pid,
    beganAt: now,
    endedAt: null,
    files: { done: 0, total: 0 },
    json: null,
    markdown: null,
    tasks: 0,
    failure: null,
  }
}

const endedAs = (state: 'done' | 'failed', endedAt: number) => ({ state, endedAt })
