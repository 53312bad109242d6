import { describe, expect, test } from 'vitest'
import type { DecidedByRule, InteractionOption } from '../../core/interaction.ts'
import type { Decision } from '../../core/pattern.ts'
import { whyLeftToPeople, whyNotSayable } from './left-to-people.ts'

const options: InteractionOption[] = [
  { keys: ['1'], label: 'Yes, and auto-accept edits', meaning: 'allow_always' },
  { keys: ['2'], label: 'Yes', meaning: 'allow_once' },
  { keys: ['3'], label: 'No', meaning: 'deny' },
  { keys: ['4'], label: 'Something else', meaning: 'answer' },
]
const asked = { kind: 'permission', options, unsure: null, input: { command: 'make' }, screen: null } as const
const says = (by: DecidedByRule): Decision => ({ effect: 'ask', by, also: [], reason: 'Because.' })
const policy = says({ kind: 'policy', tier: 'worker' })

describe('a person has to answer', () => {
  test.each([
    ['where automatic answers are switched off', { kind: 'question' }, 'switched_off', /switched off/],
    ['what could not be read with certainty', { unsure: 'it is cut' }, policy, /certainty \(it is cut\)/],
    [
      'a permission about which a pattern says so',
      {},
      says({ kind: 'pattern', id: 1, version: 1 }),
      /Because$/,
    ],
    ['a permission that is not certain', {}, says({ kind: 'shipped', name: 'not-certain' }), /Because$/],
    ['a permission that nobody has judged yet', {}, 'not_known_yet', /looked yet/],
    ['a command longer than a session is shown', { input: { command: 'x'.repeat(4_001) } }, policy, /longer/],
    ['a plan longer than a session is shown', { kind: 'plan', screen: 'x'.repeat(4_001) }, policy, /longer/],
  ] as const)('%s', (_, changes, ruling, reason) => {
    expect(whyLeftToPeople({ ...asked, ...changes }, ruling)).toMatch(reason)
  })

  test('not a permission that only the policy of its tier does not grant, nor a question or plan', () => {
    expect(whyLeftToPeople(asked, policy)).toBeNull()
    expect(whyLeftToPeople({ ...asked, kind: 'question' }, 'not_known_yet')).toBeNull()
    expect(whyLeftToPeople({ ...asked, kind: 'plan' }, 'not_known_yet')).toBeNull()
  })
})

describe('a session says', () => {
  const option = (index: number) => ({ meaning: options[index]!.meaning, option: index, text: null })

  test.each(['permission', 'plan'] as const)(
    'yes to just this, or no, to a %s, and nothing wider',
    (kind) => {
      const sayable = options.map((_, index) => whyNotSayable({ kind, options }, option(index)) === null)

      expect(sayable).toEqual([false, true, true, false])
      expect(whyNotSayable({ kind, options }, option(0))).toMatch(/allows more than this once/)
    },
  )

  test('words to a plan and a question, not to a permission', () => {
    const words = { meaning: 'answer', option: 3, text: 'smaller' } as const

    const reasons = (['plan', 'question', 'permission'] as const).map((kind) =>
      whyNotSayable({ kind, options }, words),
    )

    expect(reasons).toEqual([null, null, expect.stringMatching(/yes or no/)])
  })

  test('any option of a question, whatever its label looks like', () => {
    const reasons = options.map((_, index) => whyNotSayable({ kind: 'question', options }, option(index)))

    expect(reasons).toEqual([null, null, null, null])
  })
})
