import { describe, expect, test } from 'vitest'
import { errorLimits, usualReportRates } from '../core/reported-error.ts'
import { systemClock } from '../core/clock.ts'
import { advanceErrorGroup } from '../db/error/change.ts'
import {
  errorHours,
  getErrorGroup,
  listErrorGroups,
  listErrorNodes,
  listErrors,
  listErrorSamples,
} from '../db/error/read.ts'
import { listRefusals } from '../db/error/refusals.ts'
import { trimErrorGroups } from '../db/error/retention.ts'
import { recordErrors } from '../db/error/record.ts'
import type { Database } from '../db/open.ts'
import { setReportRates } from '../db/settings.ts'
import { databases } from '../testing/databases.ts'
import { openErrorIntake } from './intake.ts'
import { nameReport, occurrenceOf, type Report } from './report.ts'

const report = (more: Partial<Report> = {}): Report => ({
  node: 'pi-1',
  errorType: 'error',
  message: 'Something went wrong',
  source: 'app.py',
  stack: null,
  session: null,
  metadata: {},
  ...more,
})

const open = (database: Database, faults: unknown[] = []) =>
  openErrorIntake(database, systemClock, (fault) => faults.push(fault))

const all = { limit: 1_000, offset: 0 }

describe.each(databases)('on $name', ({ open: openStore }) => {
  test('100 simultaneous first occurrences, of two processes, are one row', async () => {
    await using store = await openStore()
    const another = await store.openAgain()
    await using here = open(store.database)
    await using there = open(another)

    const recorded = await Promise.all(
      Array.from({ length: 100 }, (_, n) => (n % 2 ? here : there).report(report(), 'a')),
    )

    const [group, ...others] = await listErrorGroups(store.database.kysely, {}, all)
    const errors = await listErrors(store.database.kysely, {}, all)
    expect(others).toEqual([])
    expect(group).toMatchObject({ count: 100, errors: 1, nodes: 1 })
    expect(errors).toMatchObject([{ id: group!.id, groupId: group!.id, count: 100 }])
    expect(recorded.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(recorded.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    )
  })

  test('counts are exact after 10,000 reports at once of 10 kinds in 500 words', async () => {
    await using store = await openStore()
    await using intake = open(store.database)

    await Promise.all(
      Array.from({ length: 10_000 }, (_, n) =>
        intake.report(
          report({
            source: `m${'abcdefghij'[n % 10]}.py`,
            errorType: `E${n % 5}`,
            message: `row ${n % 500}`,
            node: `pi-${n % 3}`,
          }),
          'a',
        ),
      ),
    )

    const db = store.database.kysely
    const groups = await listErrorGroups(db, {}, all)
    const errors = await listErrors(db, {}, all)
    const nodes = await listErrorNodes(db, groups[0]!.id)
    const hours = await errorHours(
      db,
      groups.map(({ id }) => id),
      0,
    )
    expect(groups).toHaveLength(10)
    expect(groups.every(({ count, errors: listed }) => count === 1_000 && listed === 50)).toBe(true)
    expect(errors).toHaveLength(500)
    expect(errors.every(({ count }) => count === 20)).toBe(true)
    expect(nodes.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
    expect(hours.reduce((sum, { count }) => sum + count, 0)).toBe(10_000)
  })

  test('one kind in ever new words stays within its limits, and counts on', async () => {
    await using store = await openStore()
    const occurrences = Array.from({ length: 5_000 }, (_, n) => {
      const each = report({
        message: `row ${n}`,
        node: `node-${n % 300}`,
        stack: `at f${'abcdefghijklmnopqrstuvwxyz'[n % 26]}`,
      })
      return occurrenceOf(each, nameReport(each), 1_000 + n)
    })

    for (let from = 0; from < occurrences.length; from += 500) {
      await store.database.write((db) => recordErrors(db, occurrences.slice(from, from + 500)))
    }

    const db = store.database.kysely
    const [group] = await listErrorGroups(db, {}, all)
    const samples = await listErrorSamples(db, group!.id)
    expect(group).toMatchObject({ count: 5_000, errors: errorLimits.errorsPerGroup })
    expect(group!.unlisted).toBe(5_000 - errorLimits.errorsPerGroup)
    expect(await listErrors(db, {}, all)).toHaveLength(errorLimits.errorsPerGroup)
    expect(group!.nodes).toBeLessThanOrEqual(errorLimits.nodesPerGroup + 1)
    expect(samples.map(({ kind }) => kind)).toEqual(['first', ...Array<string>(8).fill('rare'), 'latest'])
    expect(samples.at(-1)).toMatchObject({ message: 'row 4999', at: 5_999 })
  })

  test('a resolved group regresses once, however many report it at once', async () => {
    await using store = await openStore()
    await using intake = open(store.database)
    const { id } = await intake.report(report(), 'a')
    await store.database.write((db) => advanceErrorGroup(db, id, 'resolve', 'anna', Date.now()))

    await Promise.all(Array.from({ length: 20 }, () => intake.report(report(), 'a')))

    const events = await store.database.kysely
      .selectFrom('events')
      .select('type')
      .where('noun', '=', 'error')
      .where('noun_id', '=', String(id))
      .orderBy('id')
      .execute()
    expect(events.map(({ type }) => type)).toEqual(['new', 'resolve', 'regress'])
    expect(await getErrorGroup(store.database.kysely, id)).toMatchObject({ state: 'regressed', count: 21 })
  })

  test('what was not seen for long is forgotten with everything that it kept', async () => {
    await using store = await openStore()
    const old = report({ message: 'old', stack: 'at f' })
    const young = report({ message: 'young' })
    await store.database.write((db) => recordErrors(db, [occurrenceOf(old, nameReport(old), 1_000)]))
    await store.database.write((db) => recordErrors(db, [occurrenceOf(young, nameReport(young), 9_000)]))

    const count = await store.database.write((db) => trimErrorGroups(db, 5_000, 100))

    const tables = ['errors', 'error_groups', 'error_nodes', 'error_hours', 'error_samples'] as const
    expect(count).toBe(1)
    for (const table of tables) {
      expect(await store.database.kysely.selectFrom(table).selectAll().execute()).toHaveLength(1)
    }
  })

  test('each limit refuses, says how long, and counts', async () => {
    await using store = await openStore()
    const tight = { perSecond: 1, burst: 2, addressPerSecond: 1, addressBurst: 4, kindsPerMinute: 3 }
    await store.database.write((db) => setReportRates(db, { ...usualReportRates, ...tight }, 1))
    {
      await using intake = open(store.database)
      const say = (message: string, address: string, source = 'app.py') =>
        intake.report(report({ message, source }), address).then(
          () => 'taken',
          (error: { code: string; retryAfterMs: number }) => `${error.code} ${error.retryAfterMs > 0}`,
        )

      expect([await say('x', 'a'), await say('x', 'a'), await say('x', 'a')]).toEqual([
        'taken',
        'taken',
        'limited true',
      ])
      expect([
        await say('a', 'b', 'a'),
        await say('b', 'b', 'b'),
        await say('c', 'b', 'c'),
        await say('d', 'b', 'd'),
      ]).toEqual(['taken', 'taken', 'taken', 'limited true'])
      expect(await say('x', 'b', 'z')).toBe('limited true')
    }

    const refused = await listRefusals(store.database.kysely, 0, 10)
    expect(refused.map(({ reason, count }) => `${reason} ${count}`).toSorted()).toEqual([
      'address 1',
      'kinds 1',
      'rate 1',
    ])
  })

  test('an error that the database refuses takes no other one along', async () => {
    await using store = await openStore()
    await using intake = open(brokenFor(store.database, 'poison'))

    const ends = await Promise.allSettled(
      ['a', 'poison', 'b'].map((message) => intake.report(report({ message }), 'a')),
    )

    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })
})

/** A database that fails with a fault of ours when it is given this message. */
function brokenFor(database: Database, message: string): Database {
  return {
    ...database,
    kysely: database.kysely,
    write: (work) =>
      database.write(async (db) => {
        const result = await work(db)
        const found = await db.selectFrom('errors').select('id').where('message', '=', message).execute()
        if (found.length > 0) throw new Error('broken')
        return result
      }),
  }
}
