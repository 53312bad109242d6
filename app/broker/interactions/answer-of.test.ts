import { expect, test } from 'vitest'
import { answerOf } from './answer-of.ts'

const colours = ['Red', 'Green', 'Type something.'].map((label) => ({
  label,
  keys: [],
  meaning: 'answer' as const,
}))
const asked = { question: 'Which colour?', options: colours }

test('words of several lines are given on one', () => {
  expect(answerOf(asked, { text: 'blue,\n  or rather\r\n\ngrey' })).toEqual({
    meaning: 'answer',
    option: 2,
    text: 'blue, or rather grey',
  })
})

test.each([0, -1, 4, 1e9])('there is no option %s', (option) => {
  expect(() => answerOf(asked, { option })).toThrow(/There is no option/)
})

test('a dialog without a row for words takes none', () => {
  const options = colours.slice(0, 2)

  expect(() => answerOf({ ...asked, options }, { text: 'blue' })).toThrow(/takes no words/)
})

test('an option and words together are not one answer', () => {
  expect(() => answerOf(asked, { option: 1, text: 'blue' })).toThrow(/an option or words/)
})
