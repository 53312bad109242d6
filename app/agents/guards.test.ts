import { expect, test } from 'vitest'
import { loadLibrary } from './library.ts'
import type { AgentRules } from './library.ts'
import type { Recording } from './recording.ts'
import { recordedScreens } from './recordings/load.ts'
import { readScreen } from './screen.ts'
import { plainRows } from './view.ts'

/*
 * tmux evaluates the guards of a kind in the moment of a keystroke, and refuses it when a first match or the
 * cursor is elsewhere than the look saw it. A dialog that opened in between must always move one of them.
 */

const library = loadLibrary()
const recordings = recordedScreens()
const dialogs = new Set(['permission', 'question', 'menu', 'onboarding', 'limited'])

test.each([...library.values()])('a dialog of $kind moves a guard or the cursor, for every pair', (rules) => {
  const own = recordings
    .map((recording) => ({ recording, reading: readScreen(library, recording.screen) }))
    .filter(({ reading }) => reading.agent === rules.kind)
  const ready = own.filter(({ reading }) => reading.acceptsPrompt)
  const opened = own.filter(({ reading }) => dialogs.has(reading.state) && reading.composer === null)
  const pairs = ready.flatMap((before) =>
    opened
      .filter((after) => isSameWindow(before.recording, after.recording))
      .map((after) => [before, after] as const),
  )

  const unmoved = pairs.filter(
    ([before, after]) => fingerprint(rules, before.recording) === fingerprint(rules, after.recording),
  )

  expect(pairs.length).toBeGreaterThan(5)
  expect(unmoved.map(([before, after]) => `${before.recording.id} ${after.recording.id}`)).toEqual([])
})

test('the guards alone, without the cursor, tell nearly every pair apart', () => {
  const own = recordings.map((recording) => ({ recording, reading: readScreen(library, recording.screen) }))
  const pairs = own.flatMap((before) =>
    before.reading.acceptsPrompt
      ? own
          .filter(
            (after) =>
              after.reading.agent === before.reading.agent &&
              after.reading.composer === null &&
              dialogs.has(after.reading.state) &&
              isSameWindow(before.recording, after.recording),
          )
          .map((after) => [before, after] as const)
      : [],
  )

  const unmoved = pairs.filter(([before, after]) => {
    const rules = library.get(before.reading.agent ?? '')
    return rules !== undefined && guardRows(rules, before.recording) === guardRows(rules, after.recording)
  })

  expect(unmoved.length / pairs.length).toBeLessThan(0.001)
})

function isSameWindow(a: Recording, b: Recording): boolean {
  return a.version === b.version && a.width === b.width && a.height === b.height
}

function fingerprint(rules: AgentRules, recording: Recording): string {
  const { x, y, visible } = recording.cursor
  return `${guardRows(rules, recording)} ${x},${y},${visible}`
}

function guardRows(rules: AgentRules, { screen }: Recording): string {
  const rows = plainRows(screen)
  return rules.delivery.guards
    .map((guard) => rows.findIndex((row) => new RegExp(guard, 'u').test(row)))
    .join(' ')
}
