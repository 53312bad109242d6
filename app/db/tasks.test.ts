import { describe, expect, test } from 'vitest'
import type { NewTask } from '../core/task.ts'
import { logLimits } from '../core/task.ts'
import { databases } from '../testing/databases.ts'
import { eventsAfter } from './events.ts'
import type { Database } from './open.ts'
import { cancelTask, redriveTasks, retryTask, wakeTasks } from './task/change.ts'
import { claimNextTask } from './task/claim.ts'
import { appendTaskLog, readTaskLog } from './task/logs.ts'
import { pauseTasks, resumeTasks } from './task/pauses.ts'
import { getRun, getTask, listTasks } from './task/read.ts'
import { completeRun, failRun, renewRuns, repairRuns } from './task/run.ts'
import { submitTask } from './task/submit.ts'

const one = { id: 1, name: 'one', node: 'pi', types: ['shell', 'git'] }
const lease = { owner: 'one' }

describe.each(databases)('on $name', ({ open }) => {
  test('a task is claimed once, by its sort key, by a worker that can do it', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { type: 'build' })
    await submit(database, { type: 'shell', node: 'other' })
    const second = await submit(database, { type: 'shell' }, 20)
    const urgent = await submit(database, { type: 'git', priority: 1 }, 30)

    const claims = [await claim(database), await claim(database), await claim(database)]

    expect(claims.map((each) => each?.task.id ?? null)).toEqual([urgent, second, null])
    expect(claims[0]).toMatchObject({
      task: { state: 'running', runs: 1, worker: 'one' },
      run: { number: 1, leaseEpoch: 1, leaseUntil: 1_000 },
    })
  })

  test('twenty workers that claim at once get each task once', async () => {
    await using store = await open()
    const { database } = store
    for (let i = 0; i < 40; i += 1) await submit(database, { type: 'shell' })

    const claims = await Promise.all(Array.from({ length: 60 }, () => claim(database)))

    const ids = claims.flatMap((each) => (each ? [each.task.id] : []))
    expect(new Set(ids).size).toBe(ids.length)
    expect(
      (await listTasks(database.kysely, { states: ['pending'] }, { limit: 50 })).length + ids.length,
    ).toBe(40)
  })

  test('an end is recorded once, and only by whoever holds the run', async () => {
    await using store = await open()
    const { database } = store
    const id = await submit(database, { type: 'shell' })
    const { run } = (await claim(database))!

    const done = await database.write((db) => completeRun(db, run, { exitCode: 0, result: { n: 1 } }, 50))
    const again = database.write((db) => completeRun(db, run, {}, 60))

    expect(done).toMatchObject({ state: 'completed', endedAt: 50, result: { n: 1 } })
    await expect(again).rejects.toThrow(`Run ${run.id} is over: completed.`)
    const events = await eventsAfter(database.kysely, 0, { limit: 10, noun: 'task', nounId: String(id) })
    expect(events.map(({ type }) => type)).toEqual(['submit', 'claim', 'finish'])
  })

  test('the task of a worker that fell silent runs again, and the silent one is refused', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { type: 'shell' })
    const first = (await claim(database))!

    const early = await database.write((db) => repairRuns(db, 'repair', 999))
    const late = await database.write((db) => repairRuns(db, 'repair', 1_000))
    const second = (await claim(database))!

    expect(early).toEqual([])
    expect(late).toMatchObject([{ state: 'pending', retryCount: 1, hold: null }])
    expect(second.run.number).toBe(2)
    await expect(database.write((db) => completeRun(db, first.run, {}, 1_001))).rejects.toThrow(
      'is over: lost',
    )
    expect(await getRun(database.kysely, first.task.id, first.run.id)).toMatchObject({
      outcome: 'lost',
      leaseEpoch: 2,
      reason: 'one gave no sign of life any more',
    })
  })

  test('a sign of life keeps a run', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { type: 'shell' })
    await claim(database)

    const renewed = await database.write((db) => renewRuns(db, { owner: 'one', until: 5_000 }))
    const repaired = await database.write((db) => repairRuns(db, 'repair', 1_000))

    expect([renewed, repaired]).toEqual([1, []])
  })

  test('a failing task waits longer each time, becomes a dead letter, and is sent again', async () => {
    await using store = await open()
    const { database } = store
    const id = await submit(database, { type: 'shell', maxRetries: 2, retryDelayMs: 100 })
    const waits: (number | null)[] = []
    for (let now = 10; (await getTask(database.kysely, id)).state === 'pending'; now += 10_000) {
      await database.write((db) => wakeTasks(db, now))
      const { run } = (await claim(database, now))!
      const task = await database.write((db) => failRun(db, run, 'failed', { reason: 'exit code 1' }, now))
      waits.push(task.wakeAt && task.wakeAt - now)
    }

    const dead = await getTask(database.kysely, id)
    const sent = await database.write((db) =>
      redriveTasks(db, { type: null, withSecrets: true, limit: 10 }, 99_000),
    )

    expect(waits).toEqual([100, 200, null])
    expect(dead).toMatchObject({ state: 'failed', reason: 'exit code 1', runs: 3 })
    expect(sent).toEqual([id])
    expect(await getTask(database.kysely, id)).toMatchObject({
      state: 'pending',
      retryCount: 0,
      endedAt: null,
    })
  })

  test('what no retry can mend fails at once', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { type: 'shell', maxRetries: 5 })
    const { run } = (await claim(database))!

    const task = await database.write((db) =>
      failRun(db, run, 'failed', { reason: 'there is no such folder', mayRetry: false }, 20),
    )

    expect(task).toMatchObject({ state: 'failed', retryCount: 0 })
  })

  test('a run that is cancelled ends its task, unless it was done in that moment', async () => {
    await using store = await open()
    const { database } = store
    const waiting = await submit(database, { type: 'build' })
    const [slow, quick] = [
      await submit(database, { type: 'shell' }),
      await submit(database, { type: 'shell' }),
    ]
    const runs = [(await claim(database))!.run, (await claim(database))!.run]

    for (const id of [waiting, slow, quick]) await database.write((db) => cancelTask(db, id, 'ann', 20))
    await database.write((db) => failRun(db, runs[0]!, 'failed', { reason: 'ended by SIGTERM' }, 21))
    await database.write((db) => completeRun(db, runs[1]!, {}, 21))

    const states = await Promise.all([waiting, slow, quick].map((id) => getTask(database.kysely, id)))
    expect(states.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'completed'])
    await expect(database.write((db) => cancelTask(db, quick, 'ann', 22))).rejects.toThrow('it is completed')
    await expect(database.write((db) => retryTask(db, quick, 22))).rejects.toThrow('it is completed')
  })

  test('a type that is paused is not given out, and nothing is while all are', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { type: 'shell' })
    const git = await submit(database, { type: 'git' })

    await database.write((db) => pauseTasks(db, 'shell', 'ann', 1))
    const other = await claim(database)
    await database.write((db) => pauseTasks(db, null, 'ann', 2))
    await database.write((db) => resumeTasks(db, 'shell', 3))
    const none = await claim(database)
    await database.write((db) => resumeTasks(db, null, 4))
    const last = await claim(database)

    expect(other?.task.id).toBe(git)
    expect(none).toBeNull()
    expect(last?.task.type).toBe('shell')
  })

  test('a second task with the same key is the first one', async () => {
    await using store = await open()
    const { database } = store
    const first = await submit(database, { type: 'shell', idempotencyKey: 'x' })

    const second = await database.write((db) =>
      submitTask(db, { ...base, type: 'git', idempotencyKey: 'x' }, 20),
    )

    expect(second).toMatchObject({ created: false, task: { id: first, type: 'shell' } })
  })

  test('of a long log the beginning and the end are kept, and the tail with the run', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { type: 'shell' })
    const { task, run } = (await claim(database))!
    const part = 64_000
    const text = 'x'.repeat(part)

    for (let at = 0; at < 2_000_000; at += part) {
      await database.write((db) => appendTaskLog(db, run, [{ at, bytes: part, text }]))
    }

    const kept = await readTaskLog(database.kysely, run.id)
    const bytes = kept.reduce((sum, each) => sum + each.bytes, 0)
    expect(bytes).toBeLessThanOrEqual(logLimits.headBytes + logLimits.tailBytes + 2 * part)
    expect(kept[0]!.at).toBe(0)
    expect(kept.at(-1)!.at).toBe(1_984_000)
    const { logBytes, logTail } = await getRun(database.kysely, task.id, run.id)
    expect([logBytes, logTail.length]).toEqual([2_048_000, logLimits.lastBytes])
  })
})

const base: NewTask = { type: 'shell', data: {}, createdBy: 'test' }

async function submit(database: Database, task: Partial<NewTask>, now = 10): Promise<number> {
  const made = await database.write((db) => submitTask(db, { ...base, ...task }, now))
  return made.task.id
}

function claim(database: Database, now = 40) {
  return database.write((db) => claimNextTask(db, one, { ...lease, until: now + 960 }, now))
}
