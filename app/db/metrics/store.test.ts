import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { figureNames, type Figures } from '../../core/metric-figures.ts'
import { databases, type TestStore } from '../../testing/databases.ts'
import { openMetricsStore, type MetricsStore } from './store.ts'

const hour = 3_600_000
const start = 1_700_000_400_000 - (1_700_000_400_000 % hour)

/** A sample with a processor at so many percent, and nothing else. */
const cpu = (percent: number | null): Figures => figureNames.map((name) => (name === 'cpu' ? percent : null))

describe.each(databases)('figures over time, on $name', ({ open }) => {
  let store: TestStore
  let metrics: MetricsStore
  let faults: unknown[] = []

  beforeEach(async () => {
    faults = []
    store = await open()
    metrics = openMetricsStore(store.database, (error) => faults.push(error))
  })
  afterEach(async () => {
    await metrics[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    if (faults.length > 0) throw new Error('figures could not be stored', { cause: faults[0] })
  })

  const add = (at: number, percent: number | null, nodeId = 1, nodeAt = at) =>
    metrics.add({ nodeId, at, nodeAt, figures: cpu(percent) })
  const cpuSince = async (from: number, now: number, nodeId = 1) => {
    const { stepMs, times, figures } = await metrics.series(nodeId, from, now, ['cpu'])
    return { stepMs, times, ...figures.cpu! }
  }

  test('each span is shown as finely as it is kept: mean and highest of each step', async () => {
    for (let at = start; at < start + 3 * 60_000; at += 10_000) add(at, at === start ? 90 : 10)
    await metrics.flush()
    const now = start + 3 * 60_000

    const fine = await cpuSince(now - hour, now)
    const day = await cpuSince(now - 24 * hour, now)
    const week = await cpuSince(now - 7 * 24 * hour, now)
    const season = await cpuSince(now - 90 * 24 * hour, now)

    expect([fine, day, week, season].map(({ stepMs }) => stepMs)).toEqual([10_000, 60_000, 600_000, hour])
    expect(fine.mean.slice(0, 3)).toEqual([90, 10, 10])
    expect(day).toMatchObject({ mean: [23.33, 10, 10], highest: [90, 10, 10] })
    expect(day.times).toEqual([start, start + 60_000, start + 120_000])
    expect(week).toMatchObject({ times: [start], highest: [90] })
    expect(season.mean[0]).toBeCloseTo(14.44, 1)
  })

  test('late samples after a cut fill the gap, in all tiers', async () => {
    add(start, 10)
    add(start + 600_000, 10)
    await metrics.flush()
    for (let at = start + 60_000; at < start + 120_000; at += 10_000) add(at, 50)
    await metrics.flush()

    const now = start + 600_000
    expect((await cpuSince(now - hour, now)).mean).toEqual([10, 50, 50, 50, 50, 50, 50, 10])
    expect((await cpuSince(now - 24 * hour, now)).mean).toEqual([10, 50, 10])
  })

  test('samples that still wait to be stored are part of a chart', async () => {
    add(start, 30)
    await metrics.tend()

    expect((await cpuSince(start - hour, start + 1_000)).mean).toEqual([30])
  })

  test('a sample that comes twice counts once', async () => {
    add(start, 100)
    add(start + 1_000, 0)
    await metrics.flush()
    add(start, 100)
    add(start + 1_000, 0)
    add(start + 1_000, 0)
    await metrics.flush()

    const now = start + 5_000
    expect((await cpuSince(now - hour, now)).mean).toEqual([50])
    expect((await cpuSince(now - 24 * hour, now)).mean).toEqual([50])
  })

  test('one a second while somebody looks makes no more rows than one in ten', async () => {
    for (let second = 0; second < 20; second += 1) add(start + second * 1_000, second < 10 ? 0 : 100)
    await metrics.flush()

    const now = start + 20_000
    expect(await cpuSince(now - hour, now)).toMatchObject({
      times: [start, start + 10_000],
      mean: [0, 100],
    })
  })

  test('what a node does not say is unknown, and zero is zero', async () => {
    add(start, null)
    add(start + 10_000, 0)
    add(start + 20_000, Number.NaN)
    await metrics.flush()

    const now = start + 30_000
    expect((await cpuSince(now - hour, now)).mean).toEqual([null, 0, null])
  })

  test('a node never has more than its places, however long it reports', async () => {
    for (let at = start; at < start + 5 * hour; at += 10_000) add(at, 1)
    await metrics.flush()

    const now = start + 5 * hour
    expect((await cpuSince(now - hour, now)).times).toHaveLength(360)
    expect((await cpuSince(0, now)).times).toHaveLength(5)
    expect((await cpuSince(now - 24 * hour, now)).times).toHaveLength(300)
    expect((await metrics.series(1, now - hour, now)).times[0]).toBe(now - hour)
  })

  test('what is older than its tier spoils nothing newer in its place', async () => {
    add(start + 2 * hour, 70)
    await metrics.flush()
    add(start, 5)
    add(start + hour, 5)
    await metrics.flush()

    const now = start + 2 * hour
    expect((await cpuSince(now - hour, now)).mean).toEqual([70])
    expect((await cpuSince(now - 24 * hour, now)).mean).toEqual([5, 5, 70])
  })

  test('each node has its own, and one that is removed has none', async () => {
    add(start, 1, 1)
    add(start, 2, 2)
    await metrics.flush()

    await metrics.forget(1)

    expect((await cpuSince(start, start + 1, 1)).mean).toEqual([])
    expect((await cpuSince(start, start + 1, 2)).mean).toEqual([2])
  })

  test('they are there after a restart, and go on in the same step', async () => {
    add(start, 10)
    await metrics[Symbol.asyncDispose]()
    metrics = openMetricsStore(store.database, (error) => faults.push(error))
    add(start + 5_000, 30)
    await metrics.flush()

    expect((await cpuSince(start, start + 5_000)).mean).toEqual([20])
  })
})

describe('the file beside SQLite', () => {
  test('a damaged one is put aside, said, and begun anew', async () => {
    await using store = await databases[0]!.open()
    const path = join(store.dataDir, 'metrics.db')
    writeFileSync(path, 'no database at all '.repeat(500))
    const faults: unknown[] = []

    await using metrics = openMetricsStore(store.database, (error) => faults.push(error))
    metrics.add({ nodeId: 1, at: start, nodeAt: start, figures: cpu(5) })
    await metrics.flush()

    expect((await metrics.series(1, start, start + 1, ['cpu'])).figures.cpu!.mean).toEqual([5])
    expect(String(faults[0])).toMatch(/metrics\.db was damaged .* lies now at .*damaged-/)
    expect(statSync(path).mode & 0o077).toBe(0)
  })
})
