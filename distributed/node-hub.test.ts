import { io } from 'socket.io-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AppError, AwayError } from '../app/core/errors.ts'
import type { Site } from '../app/core/site.ts'
import { MemoryHost } from './simulator/memory-host.ts'
import { startNodeWorld, type NodeWorld } from '../app/testing/node-world.ts'
import { waitFor } from '../app/testing/wait-for.ts'
import { nodesPath, type NodeGreeting } from './protocol/sockets.ts'

describe('a node', () => {
  test('that is not connected any more is away, and so is what was asked of it; it is the same when it is back', async () => {
    await using nodes = await startNodeWorld()
    const host = new MemoryHost({ node: 'pi' })
    const pane = host.addPane('dev')
    const first = nodes.startAgent('pi', host)
    const site = await nodes.site('pi')
    const returned: string[] = []
    const fleet = site.watch({ onChange() {}, onGone() {}, onReturn: () => void returned.push('back') })
    await waitFor(async () => fleet.awaySince === null, 'the node')
    host.history = () => new Promise(() => undefined)
    const asked = site.host.history(pane, 1)

    await first[Symbol.asyncDispose]()

    await expect(asked).rejects.toThrow("pi can't be heard.")
    await expect(site.host.look(pane)).rejects.toBeInstanceOf(AwayError)
    expect(fleet.awaySince).not.toBeNull()
    await using _second = nodes.startAgent('pi', host)
    await waitFor(async () => fleet.awaySince === null, 'the node again')
    expect((await site.host.look(pane)).sessionName).toBe('dev')
    expect(returned).toEqual(['back', 'back'])
  })

  test('whose clock is an hour ahead tells times of ours', async () => {
    await using nodes = await startNodeWorld()
    const clockAheadMs = 3_600_000
    const clock = { now: () => Date.now() + clockAheadMs, sleep: async () => undefined }
    const host = new MemoryHost({ node: 'pi', clock })
    const pane = host.addPane('dev')
    await using _agent = nodes.startAgent('pi', host, clockAheadMs)
    const site = await nodes.site('pi')
    site.watch({ onChange() {}, onGone() {} })

    const at = await waitFor(async () => {
      const look = await site.host.look(pane)
      return Math.abs(look.at - Date.now()) < 60_000 && look.at
    }, 'a look at a time of ours')

    expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
  })

  test('that starts anew ends the connection that its cable left behind', async () => {
    await using nodes = await startNodeWorld()
    const left = open(nodes, '/node', { auth: greeting('pi') })
    await waitFor(async () => nodes.hub.connected.includes('pi'), 'the first')
    const ended = new Promise((resolve) => left.on('disconnect', resolve))
    const host = new MemoryHost({ node: 'pi' })
    host.addPane('now')

    await using agent = nodes.startAgent('pi', host)
    const site = await nodes.site('pi')
    const panes = await waitFor(() => site.host.list().catch(() => null), 'its panes')

    expect(panes.map(({ sessionName }) => sessionName)).toEqual(['now'])
    expect(await ended).toBe('io server disconnect')
    expect(agent.down).toBeNull()
  })

  test('whose key another machine has as well stays, and the other one is told', async () => {
    await using nodes = await startNodeWorld()
    await using first = nodes.startAgent('pi', new MemoryHost({ node: 'pi' }))
    await waitFor(async () => nodes.hub.connected.includes('pi'), 'the first')

    await using second = nodes.startAgent('pi', new MemoryHost({ node: 'pi' }))
    await waitFor(async () => second.down !== 'not yet connected', 'the refusal')

    expect(second.down).toMatch(/^Another machine \(.*\) is connected as pi with the same key\. Stop /)
    expect(first.down).toBeNull()
  })

  test('that is refused says why', async () => {
    const why = 'pi was revoked. Invite the machine again.'
    await using nodes = await startNodeWorld({ admit: () => Promise.reject(new AppError('forbidden', why)) })
    await using agent = nodes.startAgent('pi', new MemoryHost({ node: 'pi' }))

    await waitFor(async () => agent.down !== 'not yet connected', 'the refusal')

    expect(agent.down).toBe(why)
  })

  test('does not stop for a question that it does not know', async () => {
    await using nodes = await startNodeWorld()
    await using _agent = nodes.startAgent('pi', new MemoryHost({ node: 'pi' }))
    const { host } = await nodes.site('pi')

    const asked = host.create({ name: '', dir: 7 } as never)

    await expect(asked).rejects.toThrow(/expected string/)
    expect(await host.list()).toEqual([])
  })
})

describe('the doors for programs of this installation', () => {
  test.each([
    ['without a proof', {}],
    ['with another installation’s', { proof: 'x'.repeat(43) }],
    ['with a proof that is no text', { proof: { toString: 1, valueOf: 1 } }],
  ])('stay shut %s', async (_what, auth) => {
    await using nodes = await startNodeWorld()

    const answers = [await answerAt(nodes, '/assigner', { auth }), await answerAt(nodes, '/guest', { auth })]
    const refusal = 'This is no assigner of this installation.'
    expect(answers).toEqual([refusal, refusal])
  })

  test('let a guest ask one node, and the assigner keeps its place', async () => {
    await using nodes = await startNodeWorld()
    const [pi, nas] = [new MemoryHost({ node: 'pi' }), new MemoryHost({ node: 'nas' })]
    pi.addPane('dev')
    await using _pi = nodes.startAgent('pi', pi)
    await using _nas = nodes.startAgent('nas', nas)
    const asAssigner = await nodes.site('pi')
    await nodes.site('nas')

    await using guest = nodes.guestOf('pi')
    const heard: Site[] = []
    guest.onJoin((site) => heard.push(site))
    await waitFor(async () => heard.length > 0, 'the node')
    const panes = await heard[0]!.host.list()

    expect(panes.map(({ sessionName }) => sessionName)).toEqual(['dev'])
    expect(heard.map(({ host }) => host.node)).toEqual(['pi'])
    expect(await asAssigner.host.list()).toHaveLength(1)
  })
})

describe('what is sent to it', () => {
  test.each<[string, string, unknown[]]>([
    ['/join', 'join', []],
    ['/join', 'join', [undefined, 7]],
    ['/node', 'news', ['x']],
    ['/node', 'news', [7, () => undefined]],
    ['/node', 'news', [[[], 'x'], () => undefined]],
    ['/node', 'report', []],
    ['/node', 'report', [{ samples: 7 }, 'no callback']],
  ])('at %s as %s %j ends that connection and nothing else', async (namespace, event, rubbish) => {
    await using nodes = await startNodeWorld()
    await using agent = nodes.startAgent('pi', new MemoryHost({ node: 'pi' }))
    await nodes.site('pi')
    const socket = open(nodes, namespace, { auth: greeting('stranger') })
    const ended = new Promise((resolve) => socket.on('disconnect', resolve))

    socket.emit(event, ...rubbish)

    expect(await ended).toBe('io server disconnect')
    expect(agent.down).toBeNull()
  })

  test('in place of an invitation is refused', async () => {
    await using nodes = await startNodeWorld()
    const socket = open(nodes, '/join', {})

    const reply = await socket.emitWithAck('join', { token: ['x'], name: null })

    expect(reply).toEqual({ refused: 'That is no question of a node agent.' })
  })
})

test.each([
  ['nothing', {}],
  ['a key that is none', { ...greeting('pi'), key: 7 }],
  ['a version without end', { ...greeting('pi'), agentVersion: 'x'.repeat(10_000) }],
])('whoever greets with %s is not let in', async (_what, auth) => {
  await using nodes = await startNodeWorld()

  expect(await answerAt(nodes, '/node', { auth })).toBe('That is no greeting of a node agent.')
})

test('a browser has no business with nodes', async () => {
  await using nodes = await startNodeWorld()

  const answer = await answerAt(nodes, '/node', { extraHeaders: { origin: 'http://evil.example' } })

  expect(answer).toBe('websocket error')
})

function greeting(name: string): NodeGreeting {
  return { key: 'k', name, protocol: 1, agentVersion: '1', now: Date.now(), instance: 'the only one' }
}

function open({ url }: NodeWorld, namespace: string, options: object) {
  const socket = io(url + namespace, {
    path: nodesPath,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  })
  onTestFinished(() => void socket.disconnect())
  return socket
}

function answerAt(nodes: NodeWorld, namespace: string, options: object): Promise<string> {
  const socket = open(nodes, namespace, options)
  return new Promise((resolve) => {
    socket.on('connect', () => resolve('connected'))
    socket.on('connect_error', (error) => resolve(error.message))
  })
}
