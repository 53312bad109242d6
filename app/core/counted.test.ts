import { expect, test } from 'vitest'
import { counted } from './counted.ts'

test.each([
  [counted(0, 'time'), '0 times'],
  [counted(1, 'time'), '1 time'],
  [counted(1_204, 'prompt'), '1,204 prompts'],
  [counted(1, 'prompt waits', 'prompts wait'), '1 prompt waits'],
  [counted(2, 'prompt waits', 'prompts wait'), '2 prompts wait'],
])('a number and its noun agree: %s', (said, wanted) => {
  expect(said).toBe(wanted)
})
