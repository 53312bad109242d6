import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MetricSample } from '../core/metric-sample.ts'
import type { NodeId } from '../core/node.ts'
import { eventsAfter } from '../db/events.ts'
import { openMetricsStore, type MetricsStore } from '../db/metrics/store.ts'
import { getNode } from '../db/node/read.ts'
import { addNode, removeNode } from '../db/node/write.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { noteHeartbeat, noteLost } from './hearing.ts'
import { revokeNode } from './keys.ts'
import { lifetimeFor } from './lifetime.ts'
import { NodeWatch } from './watch.ts'

const [sqlite] = databases

describe('who is online', () => {
  /** Both clocks of a dashboard: the one on the wall, which people set, and the one that only runs forward. */
  const time = { wall: 1_000_000_000, monotonic: 0 }
  const clock = { now: () => time.wall, sleep: () => Promise.resolve() }
  let store: TestStore
  let metrics: MetricsStore
  const watches: NodeWatch[] = []
  const log = { warn: () => undefined, info: () => undefined }

  beforeEach(async () => {
    Object.assign(time, { wall: 1_000_000_000, monotonic: 0 })
    store = await sqlite!.open()
    metrics = openMetricsStore(store.database, (error) => {
      throw error
    })
  })
  afterEach(async () => {
    for (const watch of watches.splice(0)) await watch[Symbol.asyncDispose]()
    await metrics[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })

  async function openWatch() {
    const watch = await NodeWatch.open({
      database: store.database,
      metrics,
      clock,
      log,
      monotonic: () => time.monotonic,
      ticks: false,
    })
    watches.push(watch)
    return watch
  }
  const toolsOf = (watch: NodeWatch) => ({ database: store.database, clock, watch })
  const beat = (watch: NodeWatch, id: NodeId) => noteHeartbeat(toolsOf(watch), id, {})
  const addNodes = async (count: number) => {
    const ids: NodeId[] = []
    await store.database.write(async (db) => {
      for (let number = 1; number <= count; number += 1) {
        ids.push((await addNode(db, { name: `n${number}`, kind: 'agent', tags: [] }, time.wall)).id)
      }
    })
    return ids
  }
  /** Second by second; `each` may let nodes report. */
  async function pass(
    watch: NodeWatch,
    seconds: number,
    each: (second: number) => unknown = () => undefined,
  ) {
    for (let second = 1; second <= seconds; second += 1) {
      time.monotonic += 1_000
      time.wall += 1_000
      await each(second)
      await watch.tick()
    }
  }
  const stateOf = async (id: NodeId) => (await getNode(store.database.kysely, id)).state
  const lifeOf = async (type: 'hear' | 'lose') =>
    (await eventsAfter(store.database.kysely, 0, { limit: 100_000, noun: 'node' })).filter(
      (event) => event.type === type,
    )
  /** Seconds until a node counts as offline after its last word. */
  async function secondsUntilOffline(watch: NodeWatch, id: NodeId, others: NodeId[]) {
    for (let second = 1; second <= 200; second += 1) {
      await pass(watch, 1, async () => {
        if (second % 10 === 0) for (const other of others) await beat(watch, other)
      })
      if ((await stateOf(id)) === 'offline') return second
    }
    return Infinity
  }

  test.each([
    [1, 30],
    [100, 30],
    [1_000, 60],
  ])('of %i nodes, one that stops is offline within %i s', async (count, within) => {
    const ids = await addNodes(count)
    const watch = await openWatch()
    for (const id of ids) await beat(watch, id)
    await pass(watch, 3)

    await beat(watch, ids[0]!)
    const seconds = await secondsUntilOffline(watch, ids[0]!, ids.slice(1))

    expect(seconds).toBeLessThanOrEqual(within)
    expect(seconds).toBeGreaterThan(20)
    expect(await lifeOf('lose')).toHaveLength(1)
  })

  test('the lifetime grows with the cluster, and the rate of all reports does not', () => {
    for (const nodes of [1, 10, 100, 1_000, 5_000, 10_000]) {
      const { intervalMs, lifetimeMs } = lifetimeFor(nodes)
      expect(lifetimeMs).toBeGreaterThan(2 * intervalMs)
      expect((nodes / intervalMs) * 1_000).toBeLessThanOrEqual(100)
    }
    expect(lifetimeFor(100).lifetimeMs).toBeLessThan(29_000)
    expect(lifetimeFor(1_000)).toMatchObject({ intervalMs: 10_000 })
    expect(lifetimeFor(1_000).lifetimeMs).toBeLessThan(59_000)
  })

  test('a quiet hour with late and lost reports has no false offline', async () => {
    const ids = await addNodes(20)
    const watch = await openWatch()
    for (const id of ids) await beat(watch, id)

    // Every node loses each fifth report, and each comes up to three seconds late.
    await pass(watch, 3_600, async (second) => {
      for (const [index, id] of ids.entries()) {
        const round = Math.floor((second - (index % 4)) / 10)
        if ((second - (index % 4)) % 10 === 0 && (round + index) % 5 !== 0) await beat(watch, id)
      }
    })

    expect(await lifeOf('lose')).toEqual([])
    expect(await lifeOf('hear')).toHaveLength(20)
  }, 120_000)

  test.each([3_600_000, -3_600_000, 86_400_000 * 365])(
    'the clock is set by %i ms: nobody is offline for it, and who is silent still is',
    async (jump) => {
      const [one, two] = await addNodes(2)
      const watch = await openWatch()
      await beat(watch, one!)
      await beat(watch, two!)
      await pass(watch, 5)
      time.wall += jump

      await pass(watch, 40, (second) => second % 10 === 0 && beat(watch, one!))

      expect(await stateOf(one!)).toBe('online')
      expect(await stateOf(two!)).toBe('offline')
    },
  )

  test('a dashboard that starts again gives everybody a whole lifetime', async () => {
    const ids = await addNodes(50)
    const first = await openWatch()
    for (const id of ids) await beat(first, id)
    await pass(first, 10)
    // It was away for an hour.
    time.wall += 3_600_000
    time.monotonic += 5

    const second = await openWatch()
    await pass(second, 25)

    expect(await lifeOf('lose')).toEqual([])
    for (const id of ids.slice(0, 49)) await beat(second, id)
    await pass(second, 10)
    expect((await lifeOf('lose')).map(({ data }) => data['name'])).toEqual(['n50'])
  })

  test('the silence while the dashboard itself stood still counts for nobody', async () => {
    const ids = await addNodes(5)
    const watch = await openWatch()
    for (const id of ids) await beat(watch, id)
    await pass(watch, 8)

    time.monotonic += 120_000
    await watch.tick()
    await pass(watch, 10)
    for (const id of ids) await beat(watch, id)
    await pass(watch, 10)

    expect(await lifeOf('lose')).toEqual([])
  })

  test('what another dashboard hears counts here, whatever its clock shows', async () => {
    const [id] = await addNodes(1)
    const here = await openWatch()
    const there = await openWatch()
    await beat(there, id!)
    await here.refresh()

    await pass(here, 120, async (second) => {
      if (second % 10 === 0) await beat(there, id!)
      await there.tick()
    })

    expect(await stateOf(id!)).toBe('online')
    await pass(here, 40, () => there.tick())
    expect(await stateOf(id!)).toBe('offline')
    expect(await lifeOf('lose')).toHaveLength(1)
  })

  test('a broken connection is no news, a stopped agent is at once', async () => {
    const [one, two] = await addNodes(2)
    const watch = await openWatch()
    await beat(watch, one!)
    await beat(watch, two!)

    await noteLost(toolsOf(watch), one!, 'cut')
    await noteLost(toolsOf(watch), two!, 'stopped')

    expect(await stateOf(one!)).toBe('online')
    expect(await getNode(store.database.kysely, two!)).toMatchObject({
      state: 'offline',
      reason: 'its agent was stopped',
    })
    await beat(watch, two!)
    expect(await stateOf(two!)).toBe('online')
  })

  test('whoever was revoked or removed by another process is shown out within a second', async () => {
    const [one, two, three] = await addNodes(3)
    const watch = await openWatch()
    for (const id of [one!, two!, three!]) await beat(watch, id)
    const ended: NodeId[] = []
    watch.onEnded((id) => ended.push(id))
    const other = await store.openAgain()

    await revokeNode({ database: other, clock }, await getNode(other.kysely, one!), 'lost')
    await other.write(async (db) => removeNode(db, await getNode(db, two!), time.wall))
    await expect.poll(() => pass(watch, 1).then(() => ended.length)).toBe(2)

    await expect(beat(watch, one!)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(beat(watch, two!)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(beat(watch, three!)).resolves.toMatchObject({ intervalMs: 10_000 })
    await expect(beat(watch, 4711)).rejects.toMatchObject({ code: 'forbidden' })
  })

  describe('samples', () => {
    const sample = (changes: Partial<MetricSample> = {}): MetricSample => ({
      at: time.wall,
      cpu: 10,
      load: [0, 0, 0],
      mem: [1e9, 4e9],
      swap: null,
      disks: [],
      net: null,
      temp: 50,
      up: 1,
      tmux: null,
      agent: null,
      sessions: [],
      pi: null,
      ...changes,
    })

    test('a node whose clock is an hour off has its samples where they belong by ours', async () => {
      const [id] = await addNodes(1)
      const watch = await openWatch()
      const nodeNow = time.wall + 3_600_000
      const samples = [
        sample({ at: nodeNow - 600_000, age: 600_000, cpu: 1 }),
        sample({ at: nodeNow - 300_000, age: 300_000, cpu: 2 }),
        sample({ at: nodeNow, age: 0, cpu: 3 }),
      ]

      await noteHeartbeat(toolsOf(watch), id!, { samples, clockOffsetMs: 3_600_000 })
      await metrics.flush()

      const { times, figures } = await metrics.series(id!, time.wall - 3_599_999, time.wall, ['cpu'])
      expect(figures.cpu!.mean).toEqual([1, 2, 3])
      expect(times.map((at) => Math.round((time.wall - at) / 10_000) * 10_000)).toEqual([600_000, 300_000, 0])
      expect(watch.latest(id!)).toMatchObject({ sample: { cpu: 3 }, at: time.wall })
    })

    test('reports of a quiet node cost no write of their own, however its clock jitters', async () => {
      const [id] = await addNodes(1)
      const watch = await openWatch()
      let writes = 0
      const { database } = store
      const counted = {
        ...toolsOf(watch),
        database: Object.assign(Object.create(database) as typeof database, {
          write: (work: Parameters<typeof database.write>[0]) => {
            writes += 1
            return database.write(work)
          },
        }),
      }
      const report = (clockOffsetMs: number) =>
        noteHeartbeat(counted, id!, { samples: [sample()], clockOffsetMs })
      await report(1_000)
      writes = 0

      for (const jitter of [-40, 900, 12, 2_500]) await report(1_000 + jitter)
      expect(writes).toBe(0)

      await report(3_600_000)
      expect(writes).toBe(1)
      expect((await getNode(database.kysely, id!)).clockOffsetMs).toBe(3_600_000)
    })

    test('late ones do not take the place of the newest', async () => {
      const [id] = await addNodes(1)
      const watch = await openWatch()
      await noteHeartbeat(toolsOf(watch), id!, { samples: [sample({ cpu: 80 })] })

      await noteHeartbeat(toolsOf(watch), id!, { samples: [sample({ age: 60_000, cpu: 5 })] })

      expect(watch.latest(id!)!.sample.cpu).toBe(80)
    })

    test('a node under pressure says why, until it is clearly below its limit', async () => {
      const [id] = await addNodes(1)
      const watch = await openWatch()
      const report = async (mem: [number, number]) => {
        await noteHeartbeat(toolsOf(watch), id!, { samples: [sample({ mem })] })
        await pass(watch, 6)
        return (await getNode(store.database.kysely, id!)).pressure
      }

      expect(await report([90, 100])).toBeNull()
      expect(await report([97, 100])).toBe('memory at 97 %')
      expect(await report([93, 100])).toBe('memory at 97 %')
      expect(await report([85, 100])).toBeNull()
    })

    test('while somebody looks, a node sends one a second', async () => {
      const [id] = await addNodes(1)
      const watch = await openWatch()
      const told: number[] = []
      watch.onLook((_, everyMs) => told.push(everyMs))

      const first = watch.look(id!)
      const second = watch.look(id!)
      first[Symbol.dispose]()
      first[Symbol.dispose]()

      expect((await beat(watch, id!)).sampleEveryMs).toBe(1_000)
      second[Symbol.dispose]()
      expect((await beat(watch, id!)).sampleEveryMs).toBe(10_000)
      expect(told).toEqual([1_000, 1_000, 1_000, 10_000])
    })
  })
})
