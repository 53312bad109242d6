import { expect, test } from 'vitest'
import { simulatedTag } from '../../core/simulated.ts'
import type { Node, NodeState } from '../../core/node.ts'
import { freeNames } from './join.ts'

test("a real machine's name is left out, an earlier simulation's is taken again", () => {
  const known = [node('Sim-0002', []), node('sim-0003', [simulatedTag]), node('pi', [])]

  const names = freeNames(3, known, now)

  expect(names).toEqual(['sim-0001', 'sim-0003', 'sim-0004'])
})

test('names of a simulation that runs, or is just joining, are left to it', () => {
  const known = [
    node('sim-0001', [simulatedTag], 'online'),
    node('sim-0002', [simulatedTag], 'expected', now - 1_000),
    node('sim-0003', [simulatedTag], 'expected', now - 3_600_000),
  ]

  const names = freeNames(2, known, now)

  expect(names).toEqual(['sim-0003', 'sim-0004'])
})

const now = Date.UTC(2026, 0, 1)

function node(name: string, tags: string[], state: NodeState = 'offline', since = 0): Node {
  return { name, tags, state, since } as Partial<Node> as Node
}
