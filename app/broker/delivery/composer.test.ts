import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Composer } from '../../core/session.ts'
import { composerShows } from './composer.ts'

const pasted = /\[Pasted text #\d+(?: \+\d+ lines)?\]/u

describe('composerShows', () => {
  test.each([
    ['an empty box', '', 'nothing'],
    ['blanks only', ' \u00a0\n', 'nothing'],
    ['the text itself', 'fix the login test', 'ours'],
    ['the text, wrapped', 'fix the\n  login test', 'ours'],
    ['a stand-in', '[Pasted text #3 +12 lines]', 'ours'],
    ['a person’s words', 'hello', 'other'],
    ['our text behind a person’s', 'hello fix the login test', 'other'],
    ['our text before a person’s', 'fix the login test and', 'other'],
    ['a piece of our text that is too short to be sure', 'fix', 'other'],
    ['a stand-in and a person’s words', '[Pasted text #3] please', 'other'],
    ['two stand-ins', '[Pasted text #3][Pasted text #4]', 'other'],
  ])('%s', (_what, text, verdict) => {
    expect(composerShows(composer(text), 'fix the login test', pasted)).toBe(verdict)
  })

  test('a box in shell mode shows a command without its sign', () => {
    expect(composerShows(composer('echo hi'), '!echo hi', pasted, true)).toBe('ours')
    expect(composerShows(composer('echo hi'), '!echo hi', pasted)).toBe('other')
  })

  test('no composer shows nothing', () => {
    expect(composerShows(null, 'text', pasted)).toBe('nothing')
  })

  test('a box that scrolls shows a part of a long text', () => {
    const lines = Array.from({ length: 40 }, (_, n) => `line ${n} of a long prompt`)

    expect(composerShows(composer(lines.slice(20, 30).join('\n')), lines.join('\n'), pasted)).toBe('ours')
  })

  test('a foreign character anywhere in the box is never ours', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300 }), fc.nat(), (text, at) => {
        const place = at % (text.length + 1)
        const mixed = `${text.slice(0, place)}☃☃${text.slice(place)}`

        expect(composerShows(composer(mixed), text.replaceAll('☃', ''), pasted)).toBe('other')
      }),
    )
  })
})

function composer(text: string): Composer {
  return { text, pasted: false, firstRow: 0, lastRow: 0 }
}

test('a family of emoji that tmux cut short is still our text', () => {
  const composer = {
    text: 'for \u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u200d now',
    pasted: false,
    firstRow: 1,
    lastRow: 1,
  }

  expect(
    composerShows(composer, 'for \u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466} now', null),
  ).toBe('ours')
})
