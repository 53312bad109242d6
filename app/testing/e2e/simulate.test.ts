import { once } from 'node:events'
import { expect, test } from 'vitest'
import { waitFor } from '../wait-for.ts'
import { openCliWorld } from './cli.ts'

test('one command on an empty installation makes a cluster that answers prompts, and leaves cleanly', async () => {
  await using world = await openCliWorld()
  const simulation = world.start(['simulate', '--nodes', '3', '--sessions', '2'])
  let said = ''
  simulation.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await waitFor(async () => said.includes('3 simulated nodes, each with 2 agents, joined'), 'the nodes')
  const idle = await waitFor(async () => {
    const { items } = await world.json<{ items: { node: string; name: string; state: string }[] }>([
      'sessions',
    ])
    return items.length === 6 && items.find(({ state }) => state === 'idle')
  }, 'an idle session')

  const target = `${idle.node}/${idle.name}`
  const { prompt_id: id } = await world.json<{ prompt_id: number }>([
    'assigner',
    '--send',
    'Say hello',
    '--target',
    target,
  ])
  const answer = await waitFor(async () => {
    const { stdout } = await world.run(['assigner', '--result', String(id)])
    return stdout.includes('simulated answer to 9 characters') && stdout
  }, 'the answer')
  simulation.kill('SIGINT')
  const [code] = await once(simulation, 'close')

  expect(answer).toBeTruthy()
  expect(code).toBe(0)
  expect(said).toContain('No dashboard ran, so one is started')
  expect(said).toContain('./deploy.sh nodes remove --simulated')
  const { items: left } = await world.json<{ items: { name: string; state: string; tags: string[] }[] }>([
    'nodes',
    'list',
    '--tag',
    'simulated',
  ])
  expect(left.map(({ state }) => state)).toEqual(['offline', 'offline', 'offline'])
  const removed = await world.json<{ removed: number }>(['nodes', 'remove', '--simulated'])
  expect(removed).toEqual({ removed: 3 })
})
