import { expect, test } from 'vitest'
import type { Prompt } from '../../core/prompt.ts'
import { nest } from './nest.ts'

const of = (...ids: [id: number, parent: number | null][]) =>
  nest(ids.map(([id, parent]) => ({ id, parent }) as Prompt)).map(({ id, level }) => [id, level])

test('parts stand behind what they are a part of, the oldest first, and tops stay where they were', () => {
  expect(of([7, null], [6, 3], [5, 4], [4, 3], [3, null], [2, null])).toEqual([
    [7, 0],
    [3, 0],
    [4, 1],
    [5, 2],
    [6, 1],
    [2, 0],
  ])
})

test('a part of something that is not listed stands by itself', () => {
  expect(of([9, 1], [8, 9])).toEqual([
    [9, 0],
    [8, 1],
  ])
})
