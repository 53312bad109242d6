import { afterEach, beforeEach, expect, test } from 'vitest'
import { collectNotices } from '../broker/notifications/collect.ts'
import { composeDeliveries } from '../broker/notifications/compose.ts'
import type { MetricSample } from '../core/metric-sample.ts'
import { usualAlertRules, type AlertKind } from '../core/node-alert.ts'
import type { NodeId } from '../core/node.ts'
import { openMetricsStore, type MetricsStore } from '../db/metrics/store.ts'
import { listAlerts } from '../db/node/alerts.ts'
import { addNode, changeNode, introduceNode } from '../db/node/write.ts'
import { addChannel } from '../db/notification/channels.ts'
import { listDeliveries } from '../db/notification/deliveries.ts'
import { setAlertRules, setNotificationRules } from '../db/settings.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { AlertDesk } from './alerts.ts'
import { noteHeartbeat, noteLost } from './hearing.ts'
import { NodeWatch } from './watch.ts'

const minute = 60
const time = { wall: 0, monotonic: 0 }
const clock = { now: () => time.wall, sleep: () => Promise.resolve() }
let store: TestStore
let metrics: MetricsStore
let watch: NodeWatch
let desk: AlertDesk

beforeEach(async () => {
  // Noon, far from any night.
  Object.assign(time, { wall: Date.UTC(2026, 5, 1, 12), monotonic: 0 })
  store = await databases[0]!.open({ clock })
  metrics = openMetricsStore(store.database, () => undefined)
  await restart()
})
afterEach(async () => {
  await watch[Symbol.asyncDispose]()
  await metrics[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
})

async function restart() {
  const log = { warn: () => undefined, info: () => undefined }
  const { database } = store
  const monotonic = () => time.monotonic
  watch = await NodeWatch.open({ database, metrics, clock, log, monotonic, ticks: false })
  desk = new AlertDesk({ database, clock, watch, version: '1.0.0', monotonic })
}

const node = (name: string) =>
  store.database.write((db) => addNode(db, { name, kind: 'agent', tags: [] }, time.wall)).then(({ id }) => id)
const open = async () => (await listAlerts(store.database.kysely, { open: true })).map(({ kind }) => kind)
const says = async () => (await listAlerts(store.database.kysely, { open: true })).map((alert) => alert.says)

const fine: MetricSample = {
  at: 0,
  cpu: 1,
  load: [0, 0, 0],
  mem: [20, 100],
  swap: null,
  disks: [['/', 20, 100]],
  net: null,
  temp: 50,
  up: 1,
  tmux: null,
  agent: null,
  sessions: [],
  pi: 0,
}

/** Lets seconds pass; every ten, each of `ids` reports this. */
async function pass(seconds: number, ids: NodeId[], changes: Partial<MetricSample> = {}) {
  for (let second = 1; second <= seconds; second += 1) {
    time.wall += 1_000
    time.monotonic += 1_000
    if (second % 10 === 0) {
      for (const id of ids) {
        const sample = { ...fine, at: time.wall, ...changes }
        await noteHeartbeat({ database: store.database, clock, watch }, id, { samples: [sample] })
      }
    }
    await watch.tick()
    if (second % 5 === 0) await desk.evaluate()
  }
}

test.each<[AlertKind, Partial<MetricSample>, Partial<MetricSample>, string]>([
  ['disk', { disks: [['/data', 92, 100]] }, { disks: [['/data', 88, 100]] }, '/data of pi is 92 % full'],
  ['memory', { mem: [97, 100] }, { mem: [92, 100] }, 'pi uses 97 % of its memory'],
  ['temperature', { temp: 84 }, { temp: 77 }, 'pi is 84 °C hot'],
])('%s: after five minutes, and until it is clearly better', async (kind, bad, between, sentence) => {
  const pi = await node('pi')
  await pass(10, [pi])
  await pass(4 * minute, [pi], bad)
  expect(await open()).toEqual([])

  await pass(2 * minute, [pi], bad)
  expect(await open()).toEqual([kind])
  expect(await says()).toEqual([sentence])

  await pass(10 * minute, [pi], between)
  expect(await open()).toEqual([kind])
  await pass(2 * minute, [pi])
  expect(await open()).toEqual([])
  expect(await listAlerts(store.database.kysely)).toMatchObject([{ endedReason: 'it is over' }])
})

test('a value that goes up and down around its limit is no alert, or one', async () => {
  const pi = await node('pi')

  for (let round = 0; round < 10; round += 1) {
    await pass(minute, [pi], { temp: 85 })
    await pass(minute, [pi], { temp: 60 })
  }
  expect(await listAlerts(store.database.kysely)).toEqual([])

  await pass(6 * minute, [pi], { temp: 85 })
  for (let round = 0; round < 10; round += 1) {
    await pass(minute / 2, [pi], { temp: 60 })
    await pass(minute, [pi], { temp: 85 })
  }
  expect(await listAlerts(store.database.kysely)).toHaveLength(1)
})

test('a silent node is an alert a minute after it is offline, and none when somebody stopped it', async () => {
  const [silent, stopped] = [await node('silent'), await node('stopped')]
  await pass(10, [silent, stopped])
  await noteLost({ database: store.database, clock, watch }, stopped, 'stopped')

  await pass(80, [])
  expect(await open()).toEqual([])
  await pass(20, [])
  expect(await says()).toEqual([expect.stringMatching(/^silent is offline: nothing heard for \d+ s$/)])

  await pass(20, [silent])
  expect(await open()).toEqual([])
})

test('a weak power supply that comes and goes is one alert', async () => {
  const pi = await node('pi')
  for (let round = 0; round < 6; round += 1) {
    await pass(minute, [pi], { pi: 0x50005 })
    await pass(5 * minute, [pi], { pi: 0x50000 })
  }

  expect(await listAlerts(store.database.kysely)).toHaveLength(1)
  expect(await says()).toEqual(['the power supply of pi is too weak: its voltage is low'])
})

test('a node agent of another version is an alert that says which is which', async () => {
  const pi = await node('pi')
  await store.database.write((db) => introduceNode(db, pi, { agentVersion: '0.9.0' }))
  await pass(11 * minute, [pi])
  expect(await says()).toEqual([
    'the node agent of pi is version 0.9.0, this dashboard 1.0.0: upgrade the older one',
  ])

  await store.database.write((db) => introduceNode(db, pi, { agentVersion: '1.0.0' }))
  await pass(10, [pi])
  expect(await open()).toEqual([])
})

test('during maintenance nothing is raised, and what is open ends', async () => {
  const pi = await node('pi')
  await pass(6 * minute, [pi], { temp: 90 })
  expect(await open()).toEqual(['temperature'])
  const until = time.wall + 3_600_000
  await store.database.write((db) => changeNode(db, pi, { maintenanceUntil: until }, time.wall))

  await pass(10 * minute, [], {})
  expect(await open()).toEqual([])

  time.wall = until
  await pass(3 * minute, [])
  expect(await open()).toEqual(['offline'])
})

test('a restart repeats no alert, and raises none before its time', async () => {
  const [hot, warm] = [await node('hot'), await node('warm')]
  await pass(6 * minute, [hot], { temp: 90 })
  await pass(4 * minute, [warm, hot], { temp: 90 })
  await watch[Symbol.asyncDispose]()

  await restart()
  await pass(4 * minute, [warm, hot], { temp: 90 })

  expect(await listAlerts(store.database.kysely)).toHaveLength(1)
  await pass(2 * minute, [warm, hot], { temp: 90 })
  expect(await says()).toEqual(['warm is 90 °C hot', 'hot is 90 °C hot'])
})

test('kinds that nobody wants are not raised', async () => {
  const pi = await node('pi')
  const rules = { ...usualAlertRules, kinds: ['disk' as const] }
  await store.database.write((db) => setAlertRules(db, rules, time.wall))

  await pass(10 * minute, [pi], { temp: 90, mem: [99, 100] })

  expect(await open()).toEqual([])
})

test('forty nodes that are lost at once are one message, and none in quiet hours', async () => {
  const ids: NodeId[] = []
  for (let number = 1; number <= 40; number += 1) ids.push(await node(`n${number}`))
  const { database } = store
  const channel = { url: null, secret: null, allowPrivate: false, enabled: true }
  await database.write((db) =>
    addChannel(db, { ...channel, kind: 'browser', name: 'tabs', kinds: ['node'] }, time.wall),
  )
  await collectNotices(database, time.wall)
  await pass(10, ids)
  const tell = async () => {
    await collectNotices(database, time.wall)
    await composeDeliveries(database, time.wall)
    return listDeliveries(database.kysely, { limit: 100 })
  }

  await pass(3 * minute, [])
  await tell()
  time.wall += 60_000
  expect(await tell()).toMatchObject([{ count: 40, title: '40 × about machines' }])

  await pass(minute, ids)
  const quiet = { from: '00:00', to: '23:59', timeZone: 'UTC', urgentThrough: true }
  await database.write((db) => setNotificationRules(db, { quiet, publicUrl: null }, time.wall))
  await pass(3 * minute, [])
  time.wall += 60_000
  expect(await tell()).toHaveLength(1)
})
