import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localDesk } from '../../workers/task-worker/local-desk.ts'
import { allHandlers } from '../../workers/task-worker/handlers.ts'
import { TaskWorker, type WorkerTools } from '../../workers/task-worker/worker.ts'
import { systemClock } from '../core/clock.ts'
import type { NewTask, Task } from '../core/task.ts'
import { readTaskLog } from '../db/task/logs.ts'
import { getTask, runsOf } from '../db/task/read.ts'
import { createTask } from '../tasks/create.ts'
import { tendTasks } from '../tasks/tend.ts'
import { openVaultKeys, type VaultTools } from '../vault/tools.ts'
import { databases } from './databases.ts'
import { waitFor } from './wait-for.ts'

/** A queue of tasks on SQLite with a task worker at work beside it. */
export interface TaskWorld extends AsyncDisposable {
  tools: VaultTools
  /** The private folder of the world: handlers lie in `handlers`, and tests keep files here. */
  dataDir: string
  worker: TaskWorker
  create(task: Partial<NewTask> & { type: string }): Promise<number>
  /** The task once it is over, with its last run and that one's log. */
  ended(id: number): Promise<{ task: Task; run: Awaited<ReturnType<typeof runsOf>>[number]; log: string }>
  /** Ends the worker, as a signal does. */
  stop(): Promise<void>
}

interface Options {
  concurrency?: number
  tmuxSocket?: string
  /** Before the worker begins. */
  prepare?: (dataDir: string, worker: { tools: VaultTools }) => Promise<void> | void
  register?: (worker: TaskWorker) => void
}

export async function startTaskWorld(options: Options = {}): Promise<TaskWorld> {
  const store = await databases[0]!.open()
  const { database, dataDir } = store
  const runtimeDir = mkdtempSync(join(tmpdir(), 'architect-task-vault-'))
  mkdirSync(join(dataDir, 'handlers'))
  const vault = openVaultKeys({ dataDir, runtimeDir, credentialsDir: null })
  const tools: VaultTools = { database, clock: systemClock, vault }
  await options.prepare?.(dataDir, { tools })
  const faults: unknown[] = []
  const { handlers, problems } = await allHandlers({ dataDir, tmuxSocket: options.tmuxSocket ?? null }, [
    '--import',
    import.meta.resolve('tsx'),
  ])
  const log: WorkerTools['log'] = { info() {}, warn: (data) => faults.push(data) }
  const worker = new TaskWorker({
    desk: localDesk(tools, 'tester'),
    clock: systemClock,
    log,
    progress() {},
    name: 'tester',
    node: 'here',
    version: '1',
    concurrency: options.concurrency ?? 4,
    dataDir,
    handlers,
    problems,
  })
  options.register?.(worker)
  const stopping = new AbortController()
  const duties = tendTasks({ database, clock: systemClock, onFault: (error) => faults.push(error) })
  const work = worker.run(stopping.signal)
  const stop = async () => {
    stopping.abort()
    await work
  }
  return {
    tools,
    dataDir,
    worker,
    async create(task) {
      const input = { data: {}, createdBy: 'test', retryDelayMs: 10, ...task }
      return (await database.write((db) => createTask(db, input, Date.now()))).task.id
    },
    async ended(id) {
      const task = await waitFor(
        async () => {
          const seen = await getTask(database.kysely, id)
          return seen.endedAt !== null && seen
        },
        `the end of task ${id}; ${JSON.stringify(faults)}`,
      )
      const [run] = await runsOf(database.kysely, id)
      const parts = run ? await readTaskLog(database.kysely, run.id) : []
      return { task, run: run!, log: parts.map(({ text }) => text).join('') }
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await duties[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      rmSync(runtimeDir, { recursive: true, force: true })
    },
  }
}
