import type { HostWorld } from '../hosts/host.contract.ts'
import type { Look, PaneRef, SessionHost } from '../core/host.ts'
import { TmuxHost } from '../hosts/tmux/tmux-host.ts'
import { MemoryHost } from '../../distributed/simulator/memory-host.ts'
import { type ScriptedAgent, startScriptedAgent } from './scripted-agent/scripted-agent.ts'
import { startTmux } from './tmux.ts'
import { waitFor } from './wait-for.ts'

/** The fake host, with a person and agents in it. */
export async function startFakeWorld(): Promise<HostWorld> {
  const host = new MemoryHost()
  const find = ({ paneId }: PaneRef) => host.panes.find((pane) => pane.paneId === paneId)!
  return {
    host,
    openAgent: async (name) => refOf(host.addPane(name)),
    received: async (pane) => find(pane).received,
    type: async (pane, text) => find(pane).type(text),
    scroll: async (pane) => void (find(pane).inMode = true),
    switchInputOff: async (pane) => void (find(pane).inputOff = true),
    openDialog: async (pane) => void (find(pane).dialog = 'Allow this command?'),
    restartAgent: async (pane) => void find(pane).pid++,
    end: async (pane) => host.removePane(pane),
    until: (pane, fits) => lookUntil(host, pane, fits),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}

/** Real tmux on a socket of its own, with scripted agents; seen through whatever `over` puts before it. */
export async function startTmuxWorld(
  over: (local: TmuxHost) => Promise<SessionHost> = async (local) => local,
): Promise<HostWorld> {
  const server = await startTmux()
  const local = new TmuxHost({ node: 'test', sockets: [server.socket] })
  const host = await over(local)
  const agents = new Map<string, ScriptedAgent>()
  const agentIn = ({ paneId }: PaneRef) => agents.get(paneId)!
  return {
    host,
    openAgent: async (name) => {
      const agent = await startScriptedAgent(server, { name })
      agents.set(agent.pane.paneId, agent)
      await lookUntil(host, agent.pane, ({ rows }) => rows.some((row) => row.includes('scripted · ready')))
      return agent.pane
    },
    received: async (pane) => (await agentIn(pane).received()).toString(),
    type: async (pane, text) => {
      await server.run('send-keys', '-t', pane.paneId, '-l', text)
      await lookUntil(host, pane, ({ rows }) => rows.some((row) => row.includes(`❯ ${text}`)))
    },
    scroll: async (pane) => void (await server.run('copy-mode', '-t', pane.paneId)),
    switchInputOff: async (pane) => void (await server.run('select-pane', '-d', '-t', pane.paneId)),
    openDialog: async (pane) => {
      await agentIn(pane).tell({ events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
      await lookUntil(host, pane, ({ rows }) => rows.some((row) => row.includes('Enter to choose')))
    },
    restartAgent: async (pane) =>
      void (await server.run('respawn-pane', '-k', '-t', pane.paneId, 'exec cat')),
    end: async (pane) => void (await server.run('kill-pane', '-t', pane.paneId)),
    until: (pane, fits) => lookUntil(host, pane, fits),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await local[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

function refOf({ server, paneId }: PaneRef): PaneRef {
  return { server, paneId }
}

function lookUntil(host: HostWorld['host'], pane: PaneRef, fits: (look: Look) => boolean): Promise<Look> {
  return waitFor(async () => {
    const look = await host.look(pane)
    return fits(look) && look
  }, `a look at ${pane.paneId} that fits`)
}
