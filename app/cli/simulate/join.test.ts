import { expect, test } from 'vitest'
import { simulatedTag } from '../../core/simulated.ts'
import type { Node } from '../../core/node.ts'
import { freeNames } from './join.ts'

test("a real machine's name is left out, an earlier simulation's is taken again", () => {
  const known = [node('Sim-0002', []), node('sim-0003', [simulatedTag]), node('pi', [])]

  const names = freeNames(3, known)

  expect(names).toEqual(['sim-0001', 'sim-0003', 'sim-0004'])
})

function node(name: string, tags: string[]): Node {
  return { name, tags } as Partial<Node> as Node
}
