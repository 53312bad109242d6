import { expect, test } from 'vitest'
import { Progress } from './progress.ts'

test('a long start is counted, and once all are there nothing more is said', () => {
  const { progress, said } = twoNodes()

  progress.say()
  progress.up('sim-0001')
  progress.say()
  progress.up('sim-0002')
  progress.say()

  expect(said).toEqual([
    '0 of 2 simulated nodes are connected.',
    '1 of 2 simulated nodes are connected.',
    'all there',
  ])
})

test('who is lost later is said once with the reason, and that all are back', () => {
  const { progress, said } = twoNodes()
  for (const name of ['sim-0001', 'sim-0002']) progress.up(name)

  for (const name of ['sim-0001', 'sim-0002']) progress.down(name, 'transport close')
  progress.say()
  progress.say()
  for (const name of ['sim-0001', 'sim-0002']) progress.up(name)
  progress.say()
  progress.say()

  expect(said).toEqual([
    'all there',
    '0 of 2 simulated nodes are connected: transport close',
    'All 2 simulated nodes are connected again.',
  ])
})

function twoNodes() {
  const said: string[] = []
  const line = (text: string) => said.push(text)
  return { said, progress: new Progress({ nodes: 2, line, onAllThere: () => line('all there') }) }
}
