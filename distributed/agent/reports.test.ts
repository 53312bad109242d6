import { EventEmitter } from 'node:events'
import { setImmediate as settled } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { noFacts, type NodeFacts } from '../../app/core/node.ts'
import type { MetricSample } from '../../app/core/metric-sample.ts'
import { SimulatedClock } from '../../app/testing/simulated-clock.ts'
import type { NodeSideSocket } from '../protocol/sockets.ts'
import type { Here } from './here.ts'
import { Reports } from './reports.ts'

test('a node reports as soon as it is connected, and then every ten seconds', async () => {
  const node = begin()

  node.connect()
  await node.pass(60_000)

  expect(node.samples()).toBeGreaterThanOrEqual(6)
  expect(node.samples()).toBeLessThanOrEqual(8)
})

test('it sends a sample each second while somebody looks, the first one at once', async () => {
  const node = begin()
  node.connect()
  await node.pass(1_000)
  const before = node.samples()

  node.look()
  await node.pass(100)
  const atOnce = node.samples() - before
  await node.pass(9_900)

  expect(atOnce).toBe(1)
  expect(node.samples() - before).toBeGreaterThanOrEqual(9)
})

test('it sends no more of them when nobody looks any more', async () => {
  const node = begin()
  node.connect()
  node.look()
  await node.pass(5_000)

  node.lookAway()
  await node.pass(2_000)
  const before = node.samples()
  await node.pass(30_000)

  expect(node.samples() - before).toBeLessThanOrEqual(4)
})

test('it takes no more of them when the dashboard died while somebody looked', async () => {
  const node = begin()
  node.connect()
  node.look()
  await node.pass(5_000)

  node.cut()
  await node.pass(2_000)
  const before = node.samples()
  await node.pass(30_000)

  expect(node.samples() - before).toBeLessThanOrEqual(4)
})

test('an agent that ends while it looks what machine it is on asks nobody any more, and is soon done', async () => {
  let tellFacts: (facts: NodeFacts) => void = () => undefined
  const node = begin({ facts: () => new Promise<NodeFacts>((resolve) => (tellFacts = resolve)) })
  node.connect()
  await node.pass(100)

  node.end()
  node.cut()
  const over = node.settled()
  tellFacts(noFacts)
  await over

  expect(node.asked()).toBe(0)
})

function begin({ facts = async () => noFacts }: { facts?: () => Promise<NodeFacts> } = {}) {
  const clock = new SimulatedClock(1_000_000)
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  let taken = 0
  let asked = 0
  let sampleEveryMs = 10_000
  const socket = Object.assign(new EventEmitter(), {
    connected: false,
    timeout: () => ({
      async emitWithAck() {
        asked += 1
        return { everyMs: 10_000, sampleEveryMs }
      },
    }),
  })
  const reports = new Reports(socket as unknown as NodeSideSocket, {
    source: {
      sample: async () => ({ at: clock.now(), number: (taken += 1) }) as unknown as MetricSample,
      facts,
    },
    here: { clock, log: { info() {}, warn() {}, error() {} } } as unknown as Here,
    sessions: () => [],
    onNewKey: () => undefined,
  })
  void reports.run(stopping.signal)
  const told = (everyMs: number) => {
    sampleEveryMs = everyMs
    socket.emit('sample', everyMs)
  }
  return {
    pass: (ms: number) => pass(clock, ms),
    samples: () => taken,
    asked: () => asked,
    end: () => stopping.abort(),
    settled: () => reports.settled(),
    connect() {
      socket.connected = true
      socket.emit('connect')
    },
    cut() {
      socket.connected = false
      socket.emit('disconnect')
    },
    look: () => told(1_000),
    lookAway: () => told(10_000),
  }
}

async function pass(clock: SimulatedClock, ms: number) {
  const until = clock.now() + ms
  const end = clock.sleep(ms)
  await settled()
  for (; clock.now() < until; await settled()) clock.advance()
  await end
}
