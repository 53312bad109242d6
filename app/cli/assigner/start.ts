import { join } from 'node:path'
import { programPath } from '../../core/paths.ts'
import { readConfig, type Config } from '../../config.ts'
import { startDaemon, stopDaemon } from '../../daemon.ts'
import { runningInstance } from '../../single-instance.ts'
import { openOutput } from '../output/output.ts'

/** The assigner's name in locks, logs and sentences. */
export const assignerName = 'assigner'

export const startHint = 'The assigner is not running; start it with ./deploy.sh --daemon.'

/** Whether an assigner works on this data folder now. */
export function assignerRuns(config: Config): boolean {
  return runningInstance(config.dataDir, assignerName) !== null
}

export async function startAssignerHere(): Promise<void> {
  const { runAssignerHere } = await import('./run.ts')
  return runAssignerHere()
}

export async function startAssignerDaemon(options: { json?: true }): Promise<void> {
  const config = readConfig(process.env)
  const { pid } = await startDaemon(assignerProgram, { ...process.env, ARCHITECT_DATA: config.dataDir })
  const logs = join(config.dataDir, 'logs')
  const output = openOutput(options)
  if (output.json) return output.document({ started: true, pid, log: join(logs, `${assignerName}.log`) })
  output.line(
    `The assigner works in the background (pid ${pid}). What it does: ${join(logs, 'progress.log')}`,
  )
  output.line("First prompt: ./deploy.sh assigner --send 'Say hello'")
}

export async function stopAssigner(options: { json?: true }): Promise<void> {
  const config = readConfig(process.env)
  const stopped = await stopDaemon(config.dataDir, assignerName)
  const output = openOutput(options)
  if (output.json) return output.document({ stopped: stopped !== null, pid: stopped?.pid ?? null })
  output.line(stopped ? `The assigner (pid ${stopped.pid}) has ended.` : 'No assigner is running.')
  if (stopped && runningInstance(config.dataDir, 'dashboard')) {
    output.line(
      'The dashboard starts it again. ./deploy.sh stop ends both; --pause only stops giving out prompts.',
    )
  }
}

export const assignerProgram = programPath('workers/assigner')
