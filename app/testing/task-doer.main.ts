import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { localDesk } from '../../workers/task-worker/local-desk.ts'
import { TaskWorker } from '../../workers/task-worker/worker.ts'
import { systemClock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { openDatabase } from '../db/open.ts'
import { endDeadWorkers } from '../tasks/dead-workers.ts'
import { tendTasks } from '../tasks/tend.ts'
import { openVaultKeys } from '../vault/tools.ts'

/*
 * A task worker of a test's own: does the type `count`, which takes a few milliseconds, until it is killed. Prints what
 * goes wrong, one fault a line.
 */

const [dataDir, name = ''] = process.argv.slice(2)
if (!dataDir) throw new Error('Name the data folder.')

const database = await openDatabase({ dataDir, busyTimeoutMs: 60_000 })
const onFault = (error: unknown) => console.log(messageOf(error))
await endDeadWorkers(database, { name, node: 'here' }, Date.now())
await using _duties = tendTasks({ database, clock: systemClock, onFault })
const vault = openVaultKeys({ dataDir, credentialsDir: null, runtimeDir: dataDir })
const worker = new TaskWorker({
  desk: localDesk({ database, clock: systemClock, vault }, name),
  clock: systemClock,
  log: { info() {}, warn: (_data, message) => console.log(message) },
  progress() {},
  name,
  node: 'here',
  version: '',
  concurrency: 4,
  dataDir,
  handlers: [],
  problems: [],
})
worker.registerHandler({
  type: 'count',
  about: 'Takes a moment',
  data: z.object({ n: z.number() }),
  async handle({ n }) {
    await sleep(20 + (n % 80))
    return { exitCode: 0, result: { n } }
  },
})
await worker.run(new AbortController().signal)
