import { describe, expect, test } from 'vitest'
import type { Dialog, DialogKeys } from '../../core/dialog.ts'
import { nextKey } from './next-key.ts'

const keys: DialogKeys = { pick: 'digit', next: 'Down', previous: 'Up', cancel: 'Escape' }

/** Two options and a third that takes words in a row below them. */
function question(changes: Partial<Dialog>): Dialog {
  return {
    kind: 'question',
    tool: 'AskUserQuestion',
    input: {},
    question: 'Which database?',
    options: ['SQLite', 'Postgres', 'None of the above'].map((label) => ({
      label,
      role: 'choice',
      description: null,
      ticked: null,
    })),
    selected: 0,
    pick: null,
    notes: { key: 'Tab', text: null },
    boxes: null,
    unsure: null,
    rows: [],
    firstRow: 0,
    digest: '',
    ...changes,
  }
}

const nothing = { typed: false, turned: new Set<number>() }
const chooses = { meaning: 'answer', option: 1, text: null } as const
const writes = { meaning: 'answer', option: 2, text: 'the staging one' } as const
const leaves = { meaning: 'deny', option: null, text: null } as const

describe('with a row of its own for words', () => {
  test.each([
    ['the option is gone to first', 0, null, false, { do: 'press', keys: ['Down'], phase: 'moved' }],
    ['the row is opened on the option', 2, null, false, { do: 'press', keys: ['Tab'], phase: 'moved' }],
    ['the words go into the empty row', 2, '', false, { do: 'paste', text: 'the staging one' }],
    ["somebody's words are cleared", 2, 'half a thou', false, { do: 'press', keys: ['Tab'], phase: 'moved' }],
    ['the row is closed on another option', 0, '', false, { do: 'press', keys: ['Tab'], phase: 'moved' }],
    ['other words than ours are not sent', 2, 'half a thou', true, { do: 'wait' }],
    ['our words are sent', 2, 'the staging one', true, { do: 'press', keys: ['Enter'], phase: 'pressed' }],
  ] as const)('%s', (_fact, selected, text, typed, expected) => {
    const dialog = question({ selected, notes: { key: 'Tab', text } })

    expect(nextKey(dialog, writes, keys, { typed, turned: new Set() })).toEqual(expected)
  })

  test.each([chooses, leaves])('no key of %j goes into it while it is open', (answer) => {
    const dialog = question({ notes: { key: 'Tab', text: 'half a thou' } })

    expect(nextKey(dialog, answer, keys, nothing)).toEqual({ do: 'press', keys: ['Tab'], phase: 'moved' })
  })

  test('an option is taken by its digit while it is closed', () => {
    expect(nextKey(question({}), chooses, keys, nothing)).toEqual({
      do: 'press',
      keys: ['2'],
      phase: 'pressed',
    })
  })
})

test('a dialog whose digits only move is answered by Enter on the option', () => {
  const dialog = question({ pick: 'enter', notes: null })

  expect(nextKey(dialog, chooses, keys, nothing)).toEqual({ do: 'press', keys: ['Down'], phase: 'moved' })
  expect(nextKey({ ...dialog, selected: 1 }, chooses, keys, nothing)).toEqual({
    do: 'press',
    keys: ['Enter'],
    phase: 'pressed',
  })
})
