import { describe, expect, test } from 'vitest'
import { getSchedule, listSchedules } from '../db/schedule.ts'
import { cancelTask } from '../db/task/change.ts'
import { listTasks } from '../db/task/read.ts'
import { databases } from '../testing/databases.ts'
import {
  createSchedule,
  nextTime,
  runNow,
  runSchedules,
  setPaused,
  type WantedSchedule,
} from './schedules.ts'

const at = (text: string) => Date.parse(text)
const wanted: WantedSchedule = {
  name: 'nightly',
  cron: '0 3 * * *',
  timeZone: 'Europe/Berlin',
  task: { type: 'shell', data: { command: 'true' } },
  createdBy: 'ann',
}
const start = at('2026-01-10T12:00:00Z')

describe('the next time', () => {
  test.each([
    ['in winter', '0 3 * * *', '2026-01-10T12:00:00Z', '2026-01-11T02:00:00Z'],
    ['in summer', '0 3 * * *', '2026-07-10T12:00:00Z', '2026-07-11T01:00:00Z'],
    [
      'each hour, in the night that has one less',
      '30 * * * *',
      '2026-03-29T00:45:00Z',
      '2026-03-29T01:30:00Z',
    ],
    ['on workdays', '0 9 * * 1-5', '2026-01-10T12:00:00Z', '2026-01-12T08:00:00Z'],
    ['with seconds', '*/10 * * * * *', '2026-01-10T12:00:03Z', '2026-01-10T12:00:10Z'],
  ])('%s', (_when, cron, now, next) => {
    expect(nextTime({ cron, timeZone: 'Europe/Berlin' }, at(now))).toBe(at(next))
  })

  test.each([
    ['nonsense', 'UTC', 'is no cron expression'],
    ['61 * * * *', 'UTC', 'is no cron expression'],
    ['0 3 * * *', 'Mars/Olympus', 'no time zone'],
  ])('of "%s" in %s is refused', (cron, timeZone, message) => {
    expect(() => nextTime({ cron, timeZone }, start)).toThrow(message)
  })

  test('of a day that there is not is refused', async () => {
    await using store = await databases[0]!.open()

    const made = store.database.write((db) => createSchedule(db, { ...wanted, cron: '0 0 31 2 *' }, start))

    await expect(made).rejects.toThrow('never comes')
  })
})

describe.each(databases)('on $name', ({ open }) => {
  test('each turn makes one task, however many processes look', async () => {
    await using store = await open()
    const { database } = store
    const another = await store.openAgain()
    const { id } = await database.write((db) => createSchedule(db, wanted, start))

    await runSchedules(database, at('2026-01-11T01:59:59Z'))
    const before = await listTasks(database.kysely, {}, { limit: 10 })
    const due = at('2026-01-11T02:00:01Z')
    await Promise.all([runSchedules(database, due), runSchedules(another, due), runSchedules(database, due)])

    expect(before).toEqual([])
    expect(await listTasks(database.kysely, {}, { limit: 10 })).toMatchObject([
      { scheduleId: id, createdBy: 'ann' },
    ])
    expect(await getSchedule(database.kysely, id)).toMatchObject({
      nextAt: at('2026-01-12T02:00:00Z'),
      lastAt: due,
      lastTaskId: 1,
    })
  })

  test('a week without power is one turn', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => createSchedule(db, { ...wanted, overlap: true }, start))

    for (const second of [0, 5, 10]) await runSchedules(database, at('2026-01-18T12:00:00Z') + second * 1_000)

    expect(await listTasks(database.kysely, {}, { limit: 10 })).toHaveLength(1)
    expect((await listSchedules(database.kysely))[0]!.nextAt).toBe(at('2026-01-19T02:00:00Z'))
  })

  test('a turn is left out while the task before is not over, unless it may overlap', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await database.write((db) => createSchedule(db, wanted, start))

    await runSchedules(database, at('2026-01-11T02:00:01Z'))
    await runSchedules(database, at('2026-01-12T02:00:01Z'))
    const left = await getSchedule(database.kysely, id)
    await database.write((db) => cancelTask(db, 1, 'ann', start))
    await runSchedules(database, at('2026-01-13T02:00:01Z'))

    expect(left).toMatchObject({ note: 'task 1, which it made before, is not over', lastTaskId: 1 })
    expect(await getSchedule(database.kysely, id)).toMatchObject({ note: null, lastTaskId: 2 })
  })

  test('one that was paused goes on with its next time; it can be run at any time', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await database.write((db) => createSchedule(db, wanted, start))
    await database.write((db) => setPaused(db, id, true, start))

    await runSchedules(database, at('2026-01-15T02:00:01Z'))
    const task = await database.write((db) => runNow(db, id, 'bob', at('2026-01-15T02:00:01Z')))
    const resumed = await database.write((db) => setPaused(db, id, false, at('2026-01-15T12:00:00Z')))

    expect(await listTasks(database.kysely, {}, { limit: 10 })).toMatchObject([
      { id: task, createdBy: 'bob' },
    ])
    expect(resumed).toMatchObject({ paused: false, nextAt: at('2026-01-16T02:00:00Z') })
  })

  test('one whose times are rubbish ends with the reason, and holds up no other', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await database.write((db) => createSchedule(db, wanted, start))
    const other = await database.write((db) => createSchedule(db, { ...wanted, name: 'other' }, start))
    await database.write((db) =>
      db.updateTable('schedules').set({ cron: 'rubbish', next_at: start }).where('id', '=', id).execute(),
    )

    await runSchedules(database, at('2026-01-11T02:00:01Z'))

    expect(await getSchedule(database.kysely, id)).toMatchObject({
      nextAt: null,
      note: expect.stringContaining('"rubbish" is no cron expression'),
    })
    expect(await listTasks(database.kysely, {}, { limit: 10 })).toMatchObject([{ scheduleId: other.id }])
  })
})
