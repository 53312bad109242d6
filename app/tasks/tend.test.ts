import { describe, expect, test } from 'vitest'
import { leaseMs } from '../core/queue.ts'
import type { NewTask } from '../core/task.ts'
import type { Database } from '../db/open.ts'
import { getSchedule } from '../db/schedule.ts'
import { claimNextTask } from '../db/task/claim.ts'
import { getTask, listTasks } from '../db/task/read.ts'
import { failRun } from '../db/task/run.ts'
import { submitTask } from '../db/task/submit.ts'
import { beatWorker, getWorker, registerWorker } from '../db/worker.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { openVaultKeys } from '../vault/tools.ts'
import { createSchedule } from './schedules.ts'
import { ClockJumps, tendOnce } from './tend.ts'
import { beat } from './work.ts'

const noon = Date.parse('2026-01-10T12:00:00Z')
const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** A dashboard whose wall clock goes on as told; a second look is never less than 2 s after the one before. */
class Duties {
  readonly database: Database
  wall = noon
  steady = 0
  #jumps = new ClockJumps()

  constructor(database: Database) {
    this.database = database
  }

  /** Looks as often as a dashboard does while time goes on. */
  async pass(ms: number) {
    for (let left = ms; left > 0; left -= 2 * second) {
      this.wall += Math.min(left, 2 * second)
      this.steady += Math.min(left, 2 * second)
      await this.look()
    }
  }

  look() {
    return tendOnce({ database: this.database, clock: this.clock }, this.#jumps, this.steady)
  }

  restart() {
    this.#jumps = new ClockJumps()
  }

  get clock() {
    return { now: () => this.wall, sleep: () => Promise.resolve() }
  }
}

/** No run here has secrets. */
const vault = openVaultKeys({ dataDir: '/nonexistent', runtimeDir: '/nonexistent', credentialsDir: null })

const base: NewTask = { type: 'shell', data: {}, createdBy: 'test' }

async function begin({ database, wall }: Duties, task: Partial<NewTask> = {}) {
  const about = { name: 'pi', node: 'pi', pid: 1, version: '', concurrency: 1, types: ['shell'] }
  const worker = await database.write((db) =>
    registerWorker(db, { ...about, ownTypes: [], problems: [] }, wall),
  )
  const { id } = (await database.write((db) => submitTask(db, { ...base, ...task }, wall))).task
  const lease = { owner: `worker ${worker.id} (pi)`, until: wall + leaseMs }
  const claim = (await database.write((db) => claimNextTask(db, worker, lease, wall)))!
  return {
    id,
    worker: worker.id,
    run: claim.run,
    state: async () => (await getTask(database.kysely, id)).state,
    ended: async () => (await getWorker(database.kysely, worker.id)).endedAt,
  }
}

const open = async (): Promise<{ duties: Duties; store: TestStore }> => {
  const store = await databases[0]!.open()
  const duties = new Duties(store.database)
  await duties.pass(minute)
  return { duties, store }
}

describe('a worker that lives keeps its run and stays', () => {
  test.each([
    ['the clock is set an hour ahead', (duties: Duties) => (duties.wall += hour)],
    ['the clock is set an hour back', (duties: Duties) => (duties.wall -= hour)],
    [
      'the dashboard was away for ten minutes',
      (duties: Duties) => {
        duties.wall += 10 * minute
        duties.restart()
      },
    ],
    ['the machine slept for a night', (duties: Duties) => (duties.wall += 8 * hour)],
  ])('when %s', async (_what, happens) => {
    const { duties, store } = await open()
    await using _store = store
    const one = await begin(duties)
    await duties.pass(6 * second)

    happens(duties)
    await duties.look()
    await duties.pass(8 * second)
    await beat({ database: store.database, clock: duties.clock, vault }, one.worker)
    await duties.pass(20 * second)

    expect([await one.state(), await one.ended()]).toEqual(['running', null])
  })
})

test.each([
  ['ahead', hour],
  ['back', -hour],
])('one that died restarts within 40 s, also when the clock is set an hour %s', async (_way, ms) => {
  const { duties, store } = await open()
  await using _store = store
  const one = await begin(duties)

  duties.wall += ms
  await duties.pass(40 * second)

  expect(await one.state()).toBe('pending')
})

test('a retry waits no hour because the clock was set back by one', async () => {
  const { duties, store } = await open()
  await using _store = store
  const { database } = store
  const one = await begin(duties, { retryDelayMs: 5_000 })
  const slow = await begin(duties, { retryDelayMs: 2 * hour })
  for (const { run } of [one, slow]) {
    await database.write((db) => failRun(db, run, 'failed', { reason: 'exit code 1' }, duties.wall))
  }

  duties.wall -= hour
  await duties.pass(8 * second)

  expect(await getTask(database.kysely, one.id)).toMatchObject({ hold: null, wakeAt: null })
  const { hold, wakeAt } = await getTask(database.kysely, slow.id)
  expect([hold, Math.round((wakeAt! - duties.wall) / minute)]).toEqual(['backoff', 120])
})

describe('a schedule of every half hour', () => {
  const half = { name: 'half', cron: '0,30 * * * *', timeZone: 'UTC', createdBy: 'ann', overlap: true }
  const task = { type: 'shell', data: { command: 'true' } }
  const turns = async ({ database }: Duties) => {
    const tasks = await listTasks(database.kysely, {}, { limit: 50 })
    return tasks.map(({ idempotencyKey }) => new Date(Number(idempotencyKey!.split(':')[2])).toISOString())
  }

  test('comes at its true times, each once, when the clock went an hour ahead and back', async () => {
    const { duties, store } = await open()
    await using _store = store
    const { id } = await store.database.write((db) => createSchedule(db, { ...half, task }, duties.wall))

    duties.wall += hour // 13:01
    await duties.pass(4 * second)
    duties.wall -= hour
    await duties.pass(4 * second)
    const next = (await getSchedule(store.database.kysely, id)).nextAt
    duties.wall = noon + 30 * minute
    await duties.pass(4 * second)
    duties.wall = noon + hour
    await duties.pass(4 * second)

    expect(next).toBe(noon + 30 * minute)
    expect(await turns(duties)).toEqual(['2026-01-10T13:00:00.000Z', '2026-01-10T12:30:00.000Z'])
  })

  test('comes once, when the clock is set a week ahead', async () => {
    const { duties, store } = await open()
    await using _store = store
    await store.database.write((db) => createSchedule(db, { ...half, task }, duties.wall))

    duties.wall += 7 * 24 * hour
    await duties.pass(4 * second)

    expect(await turns(duties)).toHaveLength(1)
  })
})

test('a worker that was silent for a minute has ended, and says so when it comes back', async () => {
  const { duties, store } = await open()
  await using _store = store
  const one = await begin(duties)

  await duties.pass(70 * second)

  expect(await one.ended()).not.toBeNull()
  await expect(store.database.write((db) => beatWorker(db, one.worker, duties.wall))).rejects.toMatchObject({
    code: 'conflict',
  })
})
