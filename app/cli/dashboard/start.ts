import { join } from 'node:path'
import { programPath } from '../../core/paths.ts'
import { readConfig } from '../../config.ts'
import { startDaemon, stopDaemon } from '../../daemon.ts'
import { runningInstance } from '../../single-instance.ts'
import { assignerName } from '../assigner/start.ts'
import { taskWorkerName } from '../task-worker/names.ts'
import { openOutput } from '../output/output.ts'

/** The dashboard's name in locks, logs and sentences. */
export const dashboardName = 'dashboard'

export interface StartOptions {
  daemon?: true
  json?: true
  ssl?: true
  cert?: string
  key?: string
}

export async function startDashboard(options: StartOptions): Promise<void> {
  Object.assign(process.env, environmentOf(options))
  if (options.daemon) return startDashboardDaemon(options)
  const { runDashboardHere } = await import('./run.ts')
  return runDashboardHere()
}

/** Flags are the same as their variables, which the process in the background gets. */
function environmentOf({ ssl, cert, key }: StartOptions): Record<string, string> {
  return {
    ...(ssl && { ARCHITECT_SSL: 'true' }),
    ...(cert !== undefined && { ARCHITECT_SSL_CERT: cert }),
    ...(key !== undefined && { ARCHITECT_SSL_KEY: key }),
  }
}

async function startDashboardDaemon(options: StartOptions): Promise<void> {
  const { dataDir } = readConfig(process.env)
  const { pid, note } = await startDaemon(dashboardProgram, { ...process.env, ARCHITECT_DATA: dataDir })
  const address = runningInstance(dataDir, dashboardName)?.address ?? null
  const logs = join(dataDir, 'logs')
  const output = openOutput(options)
  if (output.json) {
    output.document({ started: true, pid, address, note, log: join(logs, `${dashboardName}.log`) })
    return
  }
  output.line(`The dashboard is at ${address} (pid ${pid}); its assigner and its task worker work beside it.`)
  if (note !== null) output.line(note)
  output.line(`What happens: ${join(logs, 'progress.log')}`)
}

/** Ends the dashboard, and every assigner of the data folder. */
export async function stopEverything(options: { json?: true }): Promise<void> {
  const { dataDir } = readConfig(process.env)
  const ran = runningInstance(dataDir, assignerName)
  const dashboard = await stopDaemon(dataDir, dashboardName)
  // The dashboard ends the assigner that it started; one that it only watched is still there.
  const left = await stopDaemon(dataDir, assignerName)
  const assigner = left?.pid ?? ran?.pid ?? null
  const taskWorker = await stopDaemon(dataDir, taskWorkerName)
  const output = openOutput(options)
  if (output.json) {
    const pid = dashboard?.pid ?? assigner
    output.document({ stopped: pid !== null, pid, dashboard: dashboard?.pid ?? null, assigner })
    return
  }
  if (dashboard) output.line(`The dashboard (pid ${dashboard.pid}) has ended.`)
  if (assigner !== null) output.line(`The assigner (pid ${assigner}) has ended.`)
  if (taskWorker) output.line(`The task worker (pid ${taskWorker.pid}) has ended.`)
  if (!dashboard && assigner === null && !taskWorker) output.line('Nothing is running.')
}

const dashboardProgram = programPath('app/dashboard')
