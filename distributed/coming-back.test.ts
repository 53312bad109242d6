import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createReader } from '../app/agents/reader.ts'
import { systemClock } from '../app/core/clock.ts'
import { AppError, AwayError } from '../app/core/errors.ts'
import type { Site } from '../app/core/site.ts'
import { MemoryHost } from './simulator/memory-host.ts'
import { freePort } from '../app/testing/free-port.ts'
import { startNodeAgent, startNodeWorld } from '../app/testing/node-world.ts'
import { waitFor } from '../app/testing/wait-for.ts'
import { NodeHub } from './hub/node-hub.ts'
import { HubSites } from './remote/hub-sites.ts'

test('what could not be taken is told again over the same connection', async () => {
  await using nodes = await startNodeWorld()
  const host = new MemoryHost({ node: 'pi' })
  const pane = host.addPane('dev')
  await using _agent = nodes.startAgent('pi', host)
  const site = await nodes.site('pi')
  let faults = 3
  const fleet = site.watch({
    onChange() {
      faults -= 1
      if (faults >= 0) throw new Error('the disk is full')
    },
    onGone() {},
  })

  await waitFor(async () => faults < 0 && fleet.awaySince === null, 'the sessions')
  host.removePane(pane)

  await waitFor(async () => fleet.sessions.length === 0, 'that its session is gone')
  expect(fleet.awaySince).toBeNull()
})

test('what sessions did while nobody listened is told in order when somebody does', async () => {
  let isCut = false
  await using nodes = await startNodeWorld({
    async admit({ name }) {
      if (isCut) throw new AppError('unavailable', 'not now')
      return { id: 1, name }
    },
  })
  const host = new MemoryHost({ node: 'pi' })
  const pane = host.addPane('dev')
  await using _agent = nodes.startAgent('pi', host)
  const site = await nodes.site('pi')
  const past: string[] = []
  const fleet = site.watch({
    onChange() {},
    onGone() {},
    onPast: async (states) => void past.push(...states.map(({ state }) => state)),
  })
  await waitFor(async () => fleet.awaySince === null && fleet.sessions.length === 1, 'the session')

  isCut = true
  nodes.hub.disconnect(1)
  await waitFor(async () => fleet.awaySince !== null, 'the cut')
  pane.busy = true
  await sleep(4_000)
  pane.busy = false
  await sleep(4_000)
  isCut = false
  await waitFor(async () => fleet.awaySince === null, 'the node again')

  // On a slow machine the state before the cut is told late enough to be told with its own time.
  expect(past.slice(past.indexOf('busy'))).toEqual(['busy', 'idle'])
})

test('a node that has not looked yet does not tell that it has no sessions', async () => {
  await using nodes = await startNodeWorld()
  const host = new MemoryHost({ node: 'pi' })
  host.addPane('dev')
  const looks = host.sweep.bind(host)
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  host.sweep = async (wanted) => {
    await opened
    return looks(wanted)
  }
  await using agent = nodes.startAgent('pi', host)
  const site = await nodes.site('pi')
  const fleet = site.watch({ onChange() {}, onGone() {} })
  await waitFor(async () => agent.down === null, 'the connection')
  await sleep(300)

  expect(fleet.awaySince).not.toBeNull()

  open()
  await waitFor(async () => fleet.awaySince === null, 'the node')
  expect(fleet.sessions).toHaveLength(1)
})

test('an assigner finds its dashboard again that was stopped and started', async () => {
  const port = await freePort()
  const first = await startHub(port)
  const { sites, told } = openSites(port)
  await waitFor(async () => told.includes('nodes are heard through the dashboard'), 'the dashboard')

  await first[Symbol.asyncDispose]()
  const second = await startHub(port)
  await waitFor(async () => second.assigners > 0, 'the assigner again')

  expect(second.assigners).toBe(1)
  await sites[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

test('an assigner that was refused asks again', async () => {
  const port = await freePort()
  const others = await startHub(port, 'another installation')
  const { sites, told } = openSites(port)
  await waitFor(async () => told.some((line) => /lets no nodes be heard/.test(line)), 'the refusal')

  await others[Symbol.asyncDispose]()
  const own = await startHub(port)
  await waitFor(async () => own.assigners > 0, 'the assigner')

  expect(own.assigners).toBe(1)
  await sites[Symbol.asyncDispose]()
  await own[Symbol.asyncDispose]()
})

test('an answer to what an earlier dashboard asked is not taken for one to what this one asks', async () => {
  const port = await freePort()
  const host = new MemoryHost({ node: 'pi' })
  const pane = host.addPane('dev')
  const answers: ((answer: string) => void)[] = []
  host.history = () => new Promise((resolve) => void answers.push(resolve))
  const first = await startHub(port)
  const { sites } = openSites(port)
  const url = `http://127.0.0.1:${port}`
  await using _agent = startNodeAgent({ url, name: 'pi', key: 'k', host })
  const site = await new Promise<Site>((resolve) => sites.onJoin(resolve))
  await waitFor(() => site.host.list().catch(() => null), 'the node')
  const lost = site.host.history(pane, 1).catch((error: unknown) => error)
  await waitFor(async () => answers.length === 1, 'the first question')
  await first[Symbol.asyncDispose]()
  expect(await lost).toBeInstanceOf(AwayError)
  const second = await startHub(port)
  await waitFor(() => site.host.list().catch(() => null), 'the node again')
  const asked = site.host.history(pane, 1)
  await waitFor(async () => answers.length === 2, 'the second question')

  answers[0]!('of the first')
  await sleep(200)
  answers[1]!('of the second')

  expect(await asked).toBe('of the second')
  await sites[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

test('nodes whose connections were ended together come back each at a moment of its own', async () => {
  const admitted: number[] = []
  await using nodes = await startNodeWorld({
    async admit({ name }) {
      admitted.push(Date.now())
      return { id: 1, name }
    },
  })
  const agents = Array.from({ length: 12 }, (_, at) => {
    const agent = nodes.startAgent(`pi-${at}`, new MemoryHost({ node: `pi-${at}` }))
    onTestFinished(() => agent[Symbol.asyncDispose]())
    return agent
  })
  await waitFor(async () => admitted.length === agents.length, 'all of them')
  await waitFor(async () => nodes.hub.connected.length === agents.length, 'that all are connected')

  const ended = Date.now()
  nodes.hub.disconnect(1)
  await waitFor(async () => admitted.length >= agents.length + 6, 'half of them', 15_000)

  const first = admitted[agents.length]! - ended
  const sixth = admitted[agents.length + 5]! - ended
  expect(first).toBeLessThan(9_000)
  expect(sixth - first).toBeGreaterThan(100)
})

async function startHub(port: number, secret = 'this installation') {
  const server = createServer()
  const counts = { assigners: 0 }
  const hub = new NodeHub(server, {
    registry: {
      join: never,
      admit: async ({ name }) => ({ id: 1, name }),
      report: async () => ({ everyMs: 10_000, sampleEveryMs: 10_000 }),
      lost: async () => undefined,
    },
    secret: Buffer.from(secret),
    log: {
      info: (_data, message) => void (counts.assigners += message === 'the assigner is connected' ? 1 : 0),
      warn: () => undefined,
    },
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    /** Assigners that were let in. */
    get assigners() {
      return counts.assigners
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function openSites(port: number) {
  const told: string[] = []
  const sites = new HubSites({
    as: 'assigner',
    findHub: async () => ({ url: `http://127.0.0.1:${port}` }),
    secret: Buffer.from('this installation'),
    clock: systemClock,
    rules: createReader(new Map()),
    log: { info: (_data, message) => void told.push(message), warn: () => undefined },
  })
  return { sites, told }
}

function never(): never {
  throw new Error('no node comes here')
}
