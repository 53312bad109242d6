import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openDatabase, type Database } from '../../db/open.ts'
import { countTasks } from '../../db/task/read.ts'
import { submitTask } from '../../db/task/submit.ts'
import { buildProgram } from './build.ts'

export interface TaskStorm {
  workers: number
  tasks: number
  /** So long processes are killed; then what is left is done in peace. */
  killForMs: number
  /** Between two kills, in ms. */
  killEveryMs: number
  /** What is killed besides the workers: its command line. */
  dashboard: readonly string[] | null
}

export interface TaskStormVerdict {
  kills: number
  completed: number
  runs: number
  /** Tasks that are not completed in the end. */
  lost: number
  /** Tasks whose completion is in the log more than once, or without one. */
  notOnce: number
  /** Runs that were neither ended nor given back. */
  open: number
}

/** Workers do tasks while they, and the dashboard, are killed at random; then it is counted what became of each. */
export async function stormTasks(
  dataDir: string,
  storm: TaskStorm,
  say: (line: string) => void,
): Promise<TaskStormVerdict> {
  await using database = await openDatabase({ dataDir, busyTimeoutMs: 60_000 })
  await submitAll(database, storm.tasks)
  await using program = await buildProgram('app/testing/task-doer.main.ts')
  const crew = new Crew([
    ...Array.from({ length: storm.workers }, (_, n) => [
      process.execPath,
      program.path,
      dataDir,
      `worker-${n}`,
    ]),
    ...(storm.dashboard ? [[...storm.dashboard]] : []),
  ])
  let kills = 0
  try {
    const until = Date.now() + storm.killForMs
    while (Date.now() < until) {
      await sleep(storm.killEveryMs * (0.5 + Math.random()))
      await crew.killOne()
      kills += 1
      if (kills % 20 === 0) say(`${kills} kills: ${JSON.stringify(await countTasks(database.kysely))}`)
    }
    await untilDone(database, storm.tasks)
  } finally {
    await crew.end()
  }
  return { kills, ...(await judge(database)) }
}

async function submitAll(database: Database, tasks: number) {
  for (let made = 0; made < tasks; made += 500) {
    await database.write(async (db) => {
      for (let n = made; n < Math.min(tasks, made + 500); n += 1) {
        await submitTask(db, { type: 'count', data: { n }, createdBy: 'storm', maxRetries: 20 }, Date.now())
      }
    })
  }
}

/** Processes that are there again as soon as they are killed. */
class Crew {
  readonly #members: { command: readonly string[]; child: ChildProcess }[]
  #isOver = false

  constructor(commands: readonly (readonly string[])[]) {
    this.#members = commands.map((command) => ({ command, child: start(command) }))
  }

  async killOne() {
    const member = this.#members[Math.floor(Math.random() * this.#members.length)]!
    await kill(member.child)
    if (!this.#isOver) member.child = start(member.command)
  }

  async end() {
    this.#isOver = true
    await Promise.all(this.#members.map(({ child }) => kill(child)))
  }
}

function start([program = '', ...args]: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Leases of the last ones killed end first: so it takes half a minute. */
const peaceMs = 180_000

async function untilDone(database: Database, tasks: number) {
  const limit = Date.now() + peaceMs
  while (Date.now() < limit) {
    const { completed = 0, failed = 0 } = await countTasks(database.kysely)
    if (completed + failed === tasks) return
    await sleep(200)
  }
}

async function judge(database: Database): Promise<Omit<TaskStormVerdict, 'kills'>> {
  const db = database.kysely
  const { rows } = await sql<Omit<TaskStormVerdict, 'kills'>>`select
    (select count(*) from task_queue where state = 'completed') as completed,
    (select count(*) from task_runs) as runs,
    (select count(*) from task_queue where state <> 'completed') as lost,
    (select count(*) from task_runs where outcome is null) as "open",
    (select count(*) from task_queue t where
      (select count(*) from events e where e.noun = 'task' and e.noun_id = cast(t.id as text) and e.type = 'finish') <> 1
      or (select count(*) from task_runs r where r.task_id = t.id and r.outcome = 'completed') <> 1) as "notOnce"
  `.execute(db)
  return rows[0]!
}
