import { join } from 'node:path'
import type { Command } from 'commander'
import { readConfig } from '../../config.ts'
import { startDaemon, stopDaemon } from '../../daemon.ts'
import { runningInstance } from '../../single-instance.ts'
import { parseWholeNumber } from '../arguments.ts'
import { openOutput } from '../output/output.ts'
import { taskWorkerProgram } from './names.ts'
import { showTaskWorkers } from './status.ts'
import { environmentFor, instanceOf, mostConcurrency, readWanted, type WantedWorker } from './wanted.ts'

export interface TaskWorkerOptions {
  daemon?: true
  status?: true
  stop?: true
  types?: string
  concurrency?: number
  name?: string
  json?: true
}

export function addTaskWorker(program: Command) {
  program
    .command('task-worker')
    .description('do background tasks: here, or in the background')
    .option('--daemon', 'in the background; it outlives this terminal')
    .option('--status', 'which workers work, and what waits')
    .option('--stop', 'end the one of this data folder; it gives back what it has')
    .option('--types <types>', 'only these, with commas between: shell,git (default: all that it can do)')
    .option(
      '--concurrency <n>',
      'how many at the same time (default: one for each core, at most 4)',
      (value) => parseWholeNumber('--concurrency', value, 1, mostConcurrency),
    )
    .option('--name <name>', "another one beside the dashboard's own, under this name")
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action(act)
}

async function act(options: TaskWorkerOptions): Promise<void> {
  if (options.status) return showTaskWorkers(options)
  const wanted = wantedOf(options)
  if (options.stop) return stop(wanted, options)
  if (options.daemon) return start(wanted, options)
  const { runTaskWorkerHere } = await import('./run.ts')
  return runTaskWorkerHere(wanted)
}

function wantedOf({ name, types, concurrency }: TaskWorkerOptions): WantedWorker {
  return readWanted({
    ...process.env,
    ...(name !== undefined && { ARCHITECT_TASK_WORKER: name }),
    ...(types !== undefined && { ARCHITECT_TASK_TYPES: types }),
    ...(concurrency !== undefined && { ARCHITECT_TASK_CONCURRENCY: String(concurrency) }),
  })
}

async function start(wanted: WantedWorker, options: TaskWorkerOptions) {
  const { dataDir } = readConfig(process.env)
  const env = { ...process.env, ...environmentFor(wanted), ARCHITECT_DATA: dataDir }
  const { pid } = await startDaemon(taskWorkerProgram, env)
  const log = join(dataDir, 'logs', `${instanceOf(wanted)}.log`)
  const output = openOutput(options)
  if (output.json) return output.document({ started: true, pid, log })
  output.line(`The task worker works in the background (pid ${pid}). Its log: ${log}`)
}

async function stop(wanted: WantedWorker, options: TaskWorkerOptions) {
  const { dataDir } = readConfig(process.env)
  const stopped = await stopDaemon(dataDir, instanceOf(wanted))
  const output = openOutput(options)
  if (output.json) return output.document({ stopped: stopped !== null, pid: stopped?.pid ?? null })
  output.line(stopped ? `The task worker (pid ${stopped.pid}) has ended.` : 'No task worker is running.')
  if (stopped && wanted.name === null && runningInstance(dataDir, 'dashboard')) {
    output.line('The dashboard starts it again; its page Workers keeps it stopped.')
  }
}

const examples = `
Examples:
  ./deploy.sh task-worker --daemon
  ./deploy.sh task-worker --types git,build --concurrency 2
  ./deploy.sh task-worker --name second --daemon
  ARCHITECT_URL=http://192.168.1.10:8080 ARCHITECT_TOKEN=… ./deploy.sh task-worker --daemon

With ARCHITECT_URL it does tasks of another machine's dashboard, on this one. The token has the scope "work".
`
