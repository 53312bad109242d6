import { planNow, projectsToPlan, runMilestoneWorker } from '../../../workers/milestone-worker.ts'
import { readConfig, type Config } from '../../config.ts'
import { messageOf } from '../../core/errors.ts'
import { sayFailed, sayReady } from '../../daemon.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { openRecords } from '../../records.ts'
import { becomeOnly } from '../../single-instance.ts'
import { sayWhatFailed } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { milestoneWorkerName } from './start.ts'

/** Works in this terminal until Ctrl-C, and shows what is done. */
export async function runMilestonesHere(roundMs?: number): Promise<void> {
  const output = openOutput()
  const say = (line: string) => output.line(line)
  await work(readConfig(process.env), roundMs, say, () => {
    output.line('The milestone worker plans every active project; Ctrl-C ends it.')
  })
}

/**
 * The body of `workers/milestone-worker.main.ts`: plans all projects again and again, or with a project's number
 * that one, once. Returns its exit code.
 */
export async function runMilestoneProcess([wanted]: string[]): Promise<number> {
  try {
    if (wanted === undefined) await work(readConfig(process.env), undefined, undefined, () => sayReady())
    else await planOnce(readConfig(process.env), wanted)
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

async function work(
  config: Config,
  roundMs: number | undefined,
  show: ((line: string) => void) | undefined,
  ready: () => void | Promise<void>,
) {
  using log = openLog(config, milestoneWorkerName, show)
  using _only = becomeOnly(config.dataDir, milestoneWorkerName, log.path)
  await using opened = await openRecords(config)
  const records = { ...opened, database: opened.database.by(milestoneWorker) }
  await ready()
  await runUntilSignal((signal) => runMilestoneWorker(records, log, signal, roundMs))
}

async function planOnce(config: Config, wanted: string): Promise<void> {
  await using opened = await openRecords(config)
  const records = { ...opened, database: opened.database.by(milestoneWorker) }
  const [project] = await projectsToPlan(records.database.kysely, wanted)
  await sayReady()
  await runUntilSignal(async (signal) => void (await planNow(records, project!, { signal })))
}

const milestoneWorker = { kind: 'worker', name: milestoneWorkerName, address: null } as const
