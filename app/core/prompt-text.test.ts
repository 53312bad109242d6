import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAppError } from './errors.ts'
import { decodePromptBytes, normalisePromptText, textToPaste } from './prompt-text.ts'
import { maxPromptBytes } from './prompt.ts'

describe('normalisePromptText', () => {
  test.each([
    ['CRLF and CR become newlines', 'a\r\nb\rc', 'a\nb\nc'],
    ['trailing blanks and newlines go', 'a \n \t\n', 'a'],
    ['leading empty lines go, indentation stays', '\n \n  a', '  a'],
    ['tabs and newlines stay', 'a\tb\n\nc', 'a\tb\n\nc'],
    ['control characters go', 'a\u0000b\u0007c\u007fd\u009be', 'abcde'],
    ['colours go whole', '\u001b[31mred\u001b[0m', 'red'],
    ['the end of a bracketed paste goes whole', 'a\u001b[201~b', 'ab'],
    ['a title sequence goes whole', 'a\u001b]0;title\u0007b', 'ab'],
    ['a lone escape goes', 'a\u001b', 'a'],
    ['a path is text', '/tmp/x is a file', '/tmp/x is a file'],
    ['a slash alone is text', '/ is the root', '/ is the root'],
    ['a leading @ is text', '@file', '@file'],
    ['a leading - is text', '--help', '--help'],
  ])('%s', (_fact, raw, text) => {
    expect(normalisePromptText(raw)).toBe(text)
  })

  test.each(['!ls', '/clear', ' /compact now', '/plugin:cmd', '! echo'])(
    '%s needs --agent-command',
    (raw) => {
      expect(() => normalisePromptText(raw)).toThrow(/--agent-command/)
      expect(normalisePromptText(raw, { agentCommand: true })).toBe(raw)
    },
  )

  test.each([
    ['', /empty/],
    [' \n\t', /empty/],
    ['\u001b[0m', /empty/],
    ['\ud800', /Unicode/],
    ['é'.repeat(maxPromptBytes / 2 + 1), /too large: 1,048,578 bytes/],
  ])('%j is refused with a sentence', (raw, sentence) => {
    expect(() => normalisePromptText(raw)).toThrow(sentence)
  })

  test('normalising twice changes nothing, and no control character is left', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (raw) => {
        const once = attempt(raw)
        if (once === null) return

        expect(normalisePromptText(once, { agentCommand: true })).toBe(once)
        expect(once).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      }),
    )
  })
})

test('bytes that are not UTF-8 text are refused with the reason', () => {
  expect(decodePromptBytes(Buffer.from('grüße'))).toBe('grüße')
  expect(() => decodePromptBytes(Uint8Array.of(0xff, 0xfe))).toThrow(/not valid UTF-8/)
  expect(() => decodePromptBytes(Uint8Array.of(65, 0, 66))).toThrow(/NUL byte at offset 1/)
})

test('a text that ends in a backslash or a file mention is pasted with a blank behind it', () => {
  expect(textToPaste('C:\\')).toBe('C:\\ ')
  expect(textToPaste('see @src/a.ts')).toBe('see @src/a.ts ')
  expect(textToPaste('mail me@example.org')).toBe('mail me@example.org')
})

function attempt(raw: string): string | null {
  try {
    return normalisePromptText(raw, { agentCommand: true })
  } catch (error) {
    if (isAppError(error, 'invalid')) return null
    throw error
  }
}
