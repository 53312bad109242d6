import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Screen } from '../core/agent.ts'
import { sliceColumns, withoutAttributes } from './ansi.ts'
import { loadLibrary } from './library.ts'
import { recordedScreens } from './recordings/load.ts'
import { readScreen } from './screen.ts'

/*
 * Whatever happens to a screen on its way (a smaller window, rows lost, a half-done redraw, an answer that
 * quotes), one that takes no prompt must not begin to look as if it did.
 */

const library = loadLibrary()
const all = recordedScreens().map((recording) => {
  const options = recording.version === undefined ? {} : { version: recording.version }
  return { recording, options, reading: readScreen(library, recording.screen, options) }
})
const closed = all.filter(({ recording, reading }) => !recording.acceptsPrompt && !reading.acceptsPrompt)
const dialogs = closed.filter(({ reading }) => reading.agent !== null && reading.composer === null)
const typed = closed.filter(({ reading }) => reading.draft)
const ready = all.filter(({ reading }) => reading.acceptsPrompt)
const runs = { numRuns: 300 }

const accepts = (screen: Screen, options: { version?: string }) =>
  readScreen(library, screen, options).acceptsPrompt

test('a screen whose lowest rows are lost is not opened', () => {
  fc.assert(
    fc.property(fc.constantFrom(...closed), fc.nat(12), ({ recording, options }, lost) => {
      const rows = recording.screen.rows.slice(0, recording.height - lost)

      expect(accepts({ ...recording.screen, rows }, options)).toBe(false)
    }),
    runs,
  )
})

test('a screen whose highest rows are lost is not opened, unless its evidence was in them alone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dialogs, ...typed), fc.nat(25), ({ recording, options }, lost) => {
      const { screen } = recording
      const rows = screen.rows.slice(lost)
      const cursor = { ...screen.cursor, y: screen.cursor.y - lost }

      expect(accepts({ ...screen, rows, cursor, height: screen.height - lost }, options)).toBe(false)
    }),
    runs,
  )
})

test('a screen that is cropped to fewer columns is not opened', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...dialogs, ...typed),
      fc.integer({ min: 20, max: 119 }),
      ({ recording, options }, width) => {
        const rows = recording.screen.rows.map((row) => sliceColumns(withoutAttributes(row), 0, width))

        expect(accepts({ ...recording.screen, rows, width }, options)).toBe(false)
      },
    ),
    runs,
  )
})

test('quoting an idle screen above a dialog opens nothing', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dialogs), fc.constantFrom(...ready), ({ recording, options }, quoted) => {
      const { screen } = recording
      const quote = quoted.recording.screen.rows.map((row) => `  ${withoutAttributes(row)}`)
      const height = screen.height + quote.length
      const cursor = { ...screen.cursor, y: screen.cursor.y + quote.length }

      expect(accepts({ ...screen, rows: [...quote, ...screen.rows], height, cursor }, options)).toBe(false)
    }),
    runs,
  )
})

test('text that is typed into an open composer closes it', () => {
  const text = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' })
    .filter((typedText) => /\S/.test(typedText))
  fc.assert(
    fc.property(fc.constantFrom(...ready), text, ({ recording, options, reading }, typedText) => {
      const row = reading.composer?.firstRow ?? 0
      const plain = withoutAttributes(recording.screen.rows[row] ?? '')
      const sign = /^\s*[❯>›*┃]\s{0,3}/u.exec(plain)?.[0] ?? ''
      const drawn = `\u001b[0m${sign.trimEnd().padEnd(sign.startsWith(' ') ? sign.length : 2)}${typedText}\u001b[7m \u001b[0m`
      const rows = recording.screen.rows.with(row, drawn)

      const after = readScreen(library, { ...recording.screen, rows }, options)

      expect(after.acceptsPrompt).toBe(false)
    }),
    runs,
  )
})

test('an idle screen of which only the lower part is redrawn as a question is not open', () => {
  const asking = dialogs.filter(
    ({ reading }) => reading.state === 'permission' || reading.state === 'question',
  )
  fc.assert(
    fc.property(fc.constantFrom(...asking), fc.nat(30), fc.nat(), ({ recording, options }, lower, pick) => {
      const { screen } = recording
      const partners = ready.filter(({ recording: other }) => other.width === screen.width)
      const partner = partners[pick % partners.length]
      const lastOption = screen.rows.findIndex((row) => /\d\. |Allow once/.test(withoutAttributes(row)))
      if (!partner || lower > lastOption) return
      const rows = [...partner.recording.screen.rows.slice(0, lower), ...screen.rows.slice(lower)]

      expect(accepts({ ...screen, rows }, options)).toBe(false)
    }),
    runs,
  )
})

test('no screen at all makes the reader fail', () => {
  const row = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('❯ ', '─'.repeat(40), '╹▀▀▀▀▀▀▀▀▀▀▀', '┃', '› 1.'),
  )
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.constantFrom(...library.keys()), (rows, agent) => {
      const cursor = { x: 0, y: 0, visible: true }
      const screen = {
        rows,
        title: '',
        command: 'x',
        width: 60,
        height: 30,
        cursor,
        alternate: false,
        dead: false,
      }

      expect(readScreen(library, screen, { agent }).agent).toBe(agent)
    }),
    runs,
  )
})
