import { join } from 'node:path'
import { planNow, projectsToPlan } from '../../../workers/milestone-worker.ts'
import { readConfig } from '../../config.ts'
import { counted } from '../../core/counted.ts'
import { AppError } from '../../core/errors.ts'
import { startDaemon, stopDaemon } from '../../daemon.ts'
import { toJson } from '../../json.ts'
import { runUntilSignal } from '../../process.ts'
import { runningInstance } from '../../single-instance.ts'
import { plansFolder, type KeptPlan } from '../../sources/plan/plan-files.ts'
import { listPlanStatuses } from '../../sources/plan/plan-status.ts'
import { openOutput, type Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import { withDatabase } from '../with.ts'
import type { MilestoneOptions } from './command.ts'
import { milestoneProgram, milestoneWorkerName } from './start.ts'

/** `--scan`, `--project`: each project in turn; what fails is told and the next one follows. */
export async function scanHere(options: MilestoneOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const projects = await projectsToPlan(records.database.kysely, options.project)
    if (projects.length === 0) {
      throw new AppError(
        'not_found',
        'No active project has a folder. Import one at /sources of the dashboard.',
      )
    }
    const plans: KeptPlan[] = []
    await runUntilSignal(async (signal) => {
      for (const project of projects) {
        signal.throwIfAborted()
        const plan = await planNow(records, project, { signal, onProgress: progressOn(output, project.name) })
        plans.push(plan)
        if (!output.json) say(output, plan, records.config.dataDir)
      }
    })
    if (output.json) output.document({ items: plans.map(({ plan, isNew }) => ({ ...plan, is_new: isNew })) })
  })
}

/** Only people at a terminal see it. */
function progressOn(output: Output, name: string) {
  let toldAt = 0
  return (done: number, total: number) => {
    if (output.json || !process.stderr.isTTY || Date.now() - toldAt < 200) return
    toldAt = Date.now()
    const end = done === total ? '\r\u001b[K' : ''
    process.stderr.write(`\r${name}: ${done} of ${counted(total, 'file')}${end}`)
  }
}

function say(output: Output, { plan, markdown, isNew }: KeptPlan, dataDir: string) {
  const tasks = plan.phases.reduce((sum, phase) => sum + phase.tasks.length, 0)
  const news = isNew ? '' : ', as before'
  output.line(`${plan.project}: ${counted(tasks, 'task')} in ${counted(plan.scanned.files, 'file')}${news}.`)
  for (const { title, tasks: inPhase } of plan.phases) {
    if (inPhase.length > 0) output.line(`  ${String(inPhase.length).padStart(5)}  ${title}`)
  }
  output.line(`  ${join(plansFolder(dataDir), markdown)}`)
}

export async function startMilestoneDaemon(options: MilestoneOptions): Promise<void> {
  const { dataDir } = readConfig(process.env)
  const { pid } = await startDaemon(milestoneProgram, { ...process.env, ARCHITECT_DATA: dataDir })
  const output = openOutput(options)
  const log = join(dataDir, 'logs', `${milestoneWorkerName}.log`)
  if (output.json) output.document({ started: true, pid, log })
  else output.line(`The milestone worker plans every active project (pid ${pid}). Its log: ${log}`)
}

export async function stopMilestones(options: MilestoneOptions): Promise<void> {
  const { dataDir } = readConfig(process.env)
  const stopped = await stopDaemon(dataDir, milestoneWorkerName)
  const output = openOutput(options)
  if (output.json) return output.document({ stopped: stopped !== null, pid: stopped?.pid ?? null })
  output.line(
    stopped ? `The milestone worker (pid ${stopped.pid}) has ended.` : 'No milestone worker is running.',
  )
}

export async function showMilestones(options: MilestoneOptions): Promise<void> {
  const { dataDir } = readConfig(process.env)
  const running = runningInstance(dataDir, milestoneWorkerName)
  const statuses = await listPlanStatuses(dataDir)
  const output = openOutput(options)
  if (output.json) {
    return output.document({ running: running !== null, pid: running?.pid ?? null, items: toJson(statuses) })
  }
  output.line(
    running ? `The milestone worker works (pid ${running.pid}).` : 'No milestone worker is running.',
  )
  if (statuses.length === 0) return output.line('Nothing has been planned yet: milestone-worker --scan')
  const now = Date.now()
  output.table(statuses, [
    { title: 'PROJECT', value: ({ project }) => project },
    {
      title: 'STATE',
      value: ({ state, files }) => (state === 'scanning' ? `${files.done}/${files.total}` : state),
    },
    { title: 'TASKS', align: 'right', value: ({ tasks }) => String(tasks) },
    { title: 'WHEN', align: 'right', value: ({ endedAt, beganAt }) => renderAge(endedAt ?? beganAt, now) },
    { title: 'PLAN', flexible: true, value: ({ failure, markdown }) => failure ?? markdown ?? '' },
  ])
}
