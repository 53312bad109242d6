import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runAssigner } from '../../../workers/assigner.ts'
import { readConfig, type Config } from '../../config.ts'
import { openContext } from '../../context.ts'
import { messageOf } from '../../core/errors.ts'
import { sayFailed, sayReady, startDaemon, stopDaemon } from '../../daemon.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { becomeOnly, runningInstance } from '../../single-instance.ts'
import { sayWhatFailed } from '../failure.ts'
import { openOutput } from '../output/output.ts'

/** The assigner's name in locks, logs and sentences. */
export const assignerName = 'assigner'

/** `./deploy.sh`: works in this terminal until Ctrl-C, and shows what is done. */
export async function runAssignerHere(): Promise<void> {
  const config = readConfig(process.env)
  const output = openOutput()
  await assign(
    config,
    (line) => output.line(line),
    () => {
      output.line(
        `The assigner works on ${config.dataDir} (tmux: ${config.tmuxSocket ?? 'your own server'}).`,
      )
      output.line("First prompt, from another terminal: ./deploy.sh assigner --send 'Say hello'")
      output.line('Ctrl-C ends it; sessions and their agents go on.')
    },
  )
  output.line('The assigner has ended.')
}

/** The body of `workers/assigner.main.ts`, the process in the background. Returns its exit code. */
export async function runAssignerProcess(): Promise<number> {
  try {
    await assign(readConfig(process.env), undefined, sayReady)
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

export async function startAssignerDaemon(options: { json?: true }): Promise<void> {
  const config = readConfig(process.env)
  const { pid } = await startDaemon(assignerProgram, { ...process.env, ARCHITECT_DATA: config.dataDir })
  const log = join(config.dataDir, 'logs', `${assignerName}.log`)
  const output = openOutput(options)
  if (output.json) return output.document({ started: true, pid, log })
  output.line(
    `The assigner works in the background (pid ${pid}). What it does: ${join(config.dataDir, 'logs/progress.log')}`,
  )
  output.line("First prompt: ./deploy.sh assigner --send 'Say hello'")
}

export async function stopAssigner(options: { json?: true }): Promise<void> {
  const config = readConfig(process.env)
  const stopped = await stopDaemon(config.dataDir, assignerName)
  const output = openOutput(options)
  if (output.json) return output.document({ stopped: stopped !== null, pid: stopped?.pid ?? null })
  output.line(stopped ? `The assigner (pid ${stopped.pid}) has ended.` : 'No assigner is running.')
}

/** Whether an assigner works on this data folder now. */
export function assignerRuns(config: Config): boolean {
  return runningInstance(config.dataDir, assignerName) !== null
}

async function assign(config: Config, show: ((line: string) => void) | undefined, ready: () => unknown) {
  using log = openLog(config, assignerName, show)
  using _only = becomeOnly(config.dataDir, assignerName, log.path)
  try {
    await using context = await openContext(config, log)
    log.json.info({ data: config.dataDir, node: config.node }, 'the assigner begins')
    await ready()
    await runUntilSignal((signal) => runAssigner(context, signal))
    log.json.info('the assigner has ended')
  } catch (error) {
    log.json.fatal({ err: error }, messageOf(error))
    throw error
  }
}

/** Beside this file in the same form: TypeScript in development, JavaScript in `dist`. */
const assignerProgram = fileURLToPath(
  new URL(
    `../../../workers/assigner.main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
    import.meta.url,
  ),
)
