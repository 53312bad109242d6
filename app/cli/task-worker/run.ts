import { localDesk } from '../../../workers/task-worker/local-desk.ts'
import { allHandlers } from '../../../workers/task-worker/handlers.ts'
import { endOrphans } from '../../../workers/task-worker/orphans.ts'
import { remoteDesk } from '../../../workers/task-worker/remote-desk.ts'
import { TaskWorker } from '../../../workers/task-worker/worker.ts'
import type { TaskDesk } from '../../../workers/task-worker/desk.ts'
import { readConfig, type Config } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import { counted } from '../../core/counted.ts'
import { messageOf } from '../../core/errors.ts'
import { sayFailed, sayReady } from '../../daemon.ts'
import { openLog, type Log } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { openRecords } from '../../records.ts'
import { becomeOnly } from '../../single-instance.ts'
import { endDeadWorkers } from '../../tasks/dead-workers.ts'
import { tendTasks } from '../../tasks/tend.ts'
import { openVaultKeys } from '../../vault/tools.ts'
import { packageVersion } from '../../version.ts'
import { sayWhatFailed } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { remoteAddress } from '../remote/address.ts'
import { Dashboard } from '../remote/dashboard.ts'
import { instanceOf, readWanted, type WantedWorker } from './wanted.ts'

/** `./deploy.sh task-worker`: works in this terminal until Ctrl-C, and shows what is done. */
export async function runTaskWorkerHere(wanted: WantedWorker): Promise<void> {
  const output = openOutput()
  await work(
    wanted,
    (line) => output.line(line),
    () => {
      output.line(
        `The task worker does ${counted(wanted.concurrency, 'task')} at a time. Ctrl-C ends it, and gives back what it has.`,
      )
    },
  )
  output.line('The task worker has ended.')
}

/** The body of `workers/task-worker.main.ts`, the process in the background. Returns its exit code. */
export async function runTaskWorkerProcess(): Promise<number> {
  try {
    await work(readWanted(process.env), undefined, () => sayReady())
    return 0
  } catch (error) {
    await sayFailed(messageOf(error))
    return sayWhatFailed(error, process.env)
  }
}

type Ready = () => void | Promise<void>

async function work(wanted: WantedWorker, show: ((line: string) => void) | undefined, ready: Ready) {
  const config = readConfig(process.env)
  const instance = instanceOf(wanted)
  using log = openLog(config, instance, show)
  using _only = becomeOnly(config.dataDir, instance, log.path)
  try {
    const ended = endOrphans()
    if (ended > 0) log.progress(`${ended} programs of a worker that was killed were ended`)
    await runUntilSignal((signal) => workAtDesk({ config, log, wanted, ready }, signal))
    log.json.info('the task worker has ended')
  } catch (error) {
    log.json.fatal({ err: error }, messageOf(error))
    throw error
  }
}

interface Work {
  config: Config
  log: Log
  wanted: WantedWorker
  ready: Ready
}

/** Beside the database, or where `ARCHITECT_URL` says that the dashboard is. */
async function workAtDesk(work: Work, signal: AbortSignal) {
  const { config, log, wanted } = work
  const name = wanted.name ?? config.node
  const address = remoteAddress(process.env)
  if (address) return workAt(work, name, remoteDesk(new Dashboard(address)), signal)
  await using records = await openRecords(config, (error) => log.json.warn({ err: error }, messageOf(error)))
  const { clock } = records
  const database = records.database.by({ kind: 'worker', name, address: null })
  await endDeadWorkers(database, { name, node: config.node }, clock.now())
  await using _duties = tendTasks({
    database,
    clock,
    onFault: (error, words) => log.json.error({ err: error }, words),
  })
  // Awaited here: what is in use is given back when this returns.
  await workAt(work, name, localDesk({ database, clock, vault: openVaultKeys(config) }, name), signal)
}

async function workAt(
  { config, log, wanted, ready }: Work,
  name: string,
  desk: TaskDesk,
  signal: AbortSignal,
) {
  const { handlers, problems } = await allHandlers(config)
  for (const problem of problems) log.progress(problem)
  const { types } = wanted
  const worker = new TaskWorker({
    desk,
    clock: systemClock,
    log: log.json,
    progress: (line) => log.progress(line),
    name,
    node: config.node,
    version: packageVersion(),
    concurrency: wanted.concurrency,
    dataDir: config.dataDir,
    handlers: types ? handlers.filter(({ type }) => types.includes(type)) : handlers,
    problems,
  })
  await ready()
  await worker.run(signal)
}
