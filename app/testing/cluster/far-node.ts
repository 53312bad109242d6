import { systemClock } from '../../core/clock.ts'
import { nodeProtocol } from '../../core/node.ts'
import type { OpenSite } from '../../core/site.ts'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { inviteNode } from '../../nodes/invite.ts'
import { redeemJoinToken } from '../../nodes/join.ts'
import type { TestDashboard } from '../dashboard.ts'
import { startNodeAgent, type RunningAgent } from '../node-world.ts'
import { startTmux, type TmuxFixture } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { startCable, type Cable } from './cable.ts'

/** Another node of a test's dashboard: a tmux of its own, and a node agent that runs in this process, on a cable. */
export interface FarNode extends AsyncDisposable {
  name: string
  tmux: TmuxFixture
  cable: Cable
  /** As the dashboard has it. */
  site: OpenSite
  stopAgent(): Promise<void>
  startAgent(): Promise<void>
}

/** Lets it join, and returns when the dashboard hears it. */
export async function joinFarNode({ web, listening }: TestDashboard, name: string): Promise<FarNode> {
  const tmux = await startTmux()
  const cable = await startCable(listening.port)
  const key = await keyFor(web, name)
  const { url } = cable
  const host = new TmuxHost({ node: name, sockets: [tmux.socket] })
  let agent: RunningAgent | null = null
  const start = async () => {
    agent = startNodeAgent({ url, name, key, host })
    await waitFor(async () => web.sites.find(name)?.awaySince === null, `${name} to be heard`)
  }
  const stop = async () => {
    await agent?.[Symbol.asyncDispose]()
    agent = null
    await waitFor(async () => web.sites.find(name)!.awaySince !== null, `${name} to be away`)
  }
  await start()
  return {
    name,
    tmux,
    cable,
    site: web.sites.find(name)!,
    startAgent: start,
    stopAgent: stop,
    async [Symbol.asyncDispose]() {
      await agent?.[Symbol.asyncDispose]()
      await cable[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
      await tmux[Symbol.asyncDispose]()
    },
  }
}

async function keyFor({ database }: TestDashboard['web'], name: string): Promise<string> {
  const records = { database, clock: systemClock }
  const invitation = { name: null, tags: [], by: 'test', url: null, fingerprint: null }
  const { token } = await inviteNode(records, invitation)
  const { key } = await redeemJoinToken(records, { token, name, protocol: nodeProtocol, agentVersion: '1' })
  return key
}
