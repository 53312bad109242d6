import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sameArrivedText } from './arrived.ts'

describe('what arrived is what was sent', () => {
  test.each([
    ['when tabs became blanks', 'a\tb', 'a    b'],
    ['when accents were composed', 'cafe\u0301', 'caf\u00e9'],
    ['when a zero-width space is gone', 'a\u200bb', 'ab'],
    ['when newlines doubled', 'a\nb', 'a\n\nb'],
    ['when the ends were trimmed', '  a  ', 'a'],
    [
      'inside the wrapper of a long paste',
      'one\ntwo\nthree\nfour',
      '\n\n<pasted_content id="38f3">\none\ntwo\nthree\nfour\n</pasted_content id="38f3">\n',
    ],
  ])('%s', (_fact, sent, seen) => {
    expect(sameArrivedText(sent, seen)).toBe(true)
  })

  test.each([
    ['with a letter more', 'go', 'go!'],
    ['with another case', 'Go', 'go'],
    ['with its half only', 'one two', 'one'],
    ['twice', 'go', 'go go'],
    ['with words run together', 'a b', 'ab'],
  ])('but not %s', (_fact, sent, seen) => {
    expect(sameArrivedText(sent, seen)).toBe(false)
  })

  test('whatever the text, after all that agents do to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (text) => {
        const body = text.replaceAll('\t', '    ').normalize('NFC').trim()
        const arrived = `\n\n<pasted_content id="0a1b">\n${body}\n</pasted_content id="0a1b">\n`

        expect(sameArrivedText(text, arrived)).toBe(true)
      }),
    )
  })
})
