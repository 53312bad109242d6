import { expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

test.each([
  ['', '', 0],
  ['dev', 'dev', 0],
  ['dve', 'dev', 2],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
])('from %j to %j it takes %i changes', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
})

test('a slip of the finger gets the name that was meant', () => {
  expect(nearest('dev_w', ['architect', 'dev_w1', 'other'])).toBe('Did you mean "dev_w1"?')
})

test('something else entirely gets the list', () => {
  expect(nearest('something', ['b', 'a'])).toBe('There are: a, b.')
})
