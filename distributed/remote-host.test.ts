import { describeHost, type HostWorld } from '../app/hosts/host.contract.ts'
import { startTmuxWorld } from '../app/testing/host-worlds.ts'
import { startNodeWorld, type RunningAgent } from '../app/testing/node-world.ts'

describeHost('remote tmux, through a node agent:', startRemoteWorld)

async function startRemoteWorld(): Promise<HostWorld> {
  const nodes = await startNodeWorld()
  const agents: RunningAgent[] = []
  const world = await startTmuxWorld(async (local) => {
    agents.push(nodes.startAgent('pi', local))
    return (await nodes.site('pi')).host
  })
  return {
    ...world,
    async [Symbol.asyncDispose]() {
      for (const agent of agents) await agent[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
      await nodes[Symbol.asyncDispose]()
    },
  }
}
