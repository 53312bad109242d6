import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { describeTerminals, type TerminalWorld } from '../app/hosts/terminals.contract.ts'
import { DirectLinks } from './hub/direct-links.ts'
import { systemClock } from '../app/core/clock.ts'
import { AwayError } from '../app/core/errors.ts'
import { startNodeWorld } from '../app/testing/node-world.ts'
import { openHost, startTmux } from '../app/testing/tmux.ts'
import { waitFor } from '../app/testing/wait-for.ts'
import { pack } from './protocol/packing.ts'
import { understand, type NodeLink } from './remote/link.ts'
import { RemoteTerminals } from './remote/remote-terminals.ts'
import { openRemoteSite } from './remote/remote-site.ts'
import { createReader } from '../app/agents/reader.ts'

describeTerminals('remote, through a node agent:', startRemoteWorld)

interface RemoteWorld extends TerminalWorld {
  stopAgent(): Promise<void>
}

async function startRemoteWorld(): Promise<RemoteWorld> {
  const links = new DirectLinks(systemClock)
  const nodes = await startNodeWorld({}, links)
  const server = await startTmux()
  const local = openHost(server)
  const agent = nodes.startAgent('pi', local)
  const link = links.to('pi')
  const { host, terminals } = openRemoteSite(link, systemClock, createReader(new Map()))
  await waitFor(async () => link.isUp, 'the node')
  return {
    host: {
      attach: (pane, mode) => terminals.attach(pane, mode),
      look: (pane) => host.look(pane),
      list: () => host.list(),
    },
    server,
    async stopAgent() {
      await agent[Symbol.asyncDispose]()
    },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]()
      await nodes[Symbol.asyncDispose]()
      await local[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('a terminal whose node goes away says so, and leaves no client of tmux behind there', async () => {
  await using world = await startRemoteWorld()
  const pane = await open(world, ['bash', '--norc'])
  const terminal = await world.host.attach(pane, 'type')
  const clients = async () => (await world.server.run('list-clients', '-F', '#{client_pid}')).split('\n')
  await waitFor(async () => (await clients()).includes(String(terminal.pid)), 'the client')

  await world.stopAgent()

  expect(await terminal.ended).toBe('away')
  await waitFor(async () => !(await clients()).includes(String(terminal.pid)), 'the end of the client')
  terminal.write('lost')
  await expect(terminal.redraw()).rejects.toBeInstanceOf(AwayError)
  await expect(world.host.attach(pane, 'view')).rejects.toBeInstanceOf(AwayError)
  await terminal[Symbol.asyncDispose]()
})

test('while nobody takes its output the node keeps a bounded part of it, and nothing travels', async () => {
  await using world = await startRemoteWorld()
  const pane = await open(world, ['yes', 'flood'])
  await using terminal = await world.host.attach(pane, 'view')
  let taken = 0
  terminal.onOutput((text) => (taken += text.length))
  await waitFor(async () => taken > 200_000, 'the flood')

  terminal.pause()
  await waitFor(async () => {
    const before = taken
    await setTimeout(300)
    return taken === before
  }, 'the end of what was under way')
  const atRest = taken
  terminal.resume()

  expect(await waitFor(async () => taken > atRest, 'more of it')).toBe(true)
})

describe('a node that keeps no promise', () => {
  test('and says at once that there is nothing is asked ten times in a second, not ten thousand times', async () => {
    let asked = 0
    const terminals = new RemoteTerminals(
      linkThat((name) => {
        if (name === 'readTerminal') asked += 1
        return name === 'attach' ? opened : { text: '', over: false }
      }),
    )

    await using terminal = await terminals.attach({ server: 's', paneId: '%1' }, 'view')
    await setTimeout(1_000)

    expect(terminal.size).toEqual({ columns: 80, rows: 24 })
    expect(asked).toBeLessThan(40)
  })

  test('and tells of a terminal of a billion columns is refused', async () => {
    const terminals = new RemoteTerminals(linkThat(() => ({ ...opened, size: { columns: 1e9, rows: 24 } })))

    const refused = terminals.attach({ server: 's', paneId: '%1' }, 'view')

    await expect(refused).rejects.toThrow('answered what is not understood here')
  })
})

test('a terminal whose node fails at every word has ended, and harms nobody', async () => {
  const failing: NodeLink = {
    ...linkThat(() => opened),
    call: async (name) => {
      if (name !== 'attach') throw new Error('ioctl(2) failed')
      return understand('strange', name, pack({ value: opened }))
    },
  }
  const terminal = await new RemoteTerminals(failing).attach({ server: 's', paneId: '%1' }, 'view')

  terminal.write('keys')

  expect(await terminal.ended).toBe('over')
})

const opened = { terminal: 't', pid: 1, size: { columns: 80, rows: 24 } }

/** A way to a node that answers whatever it likes. */
function linkThat(answers: (name: string) => unknown): NodeLink {
  return {
    node: 'strange',
    isUp: true,
    listen() {},
    call: async (name) => understand('strange', name, pack({ value: answers(name) })),
  }
}

/** Returns when the node has noticed that a tmux runs there. */
async function open({ server, host }: RemoteWorld, command: string[]) {
  const pane = await server.open({ name: 'a', command })
  await waitFor(async () => (await host.list().catch(() => [])).length > 0, 'the pane')
  return pane
}
