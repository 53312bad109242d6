import { expect, test } from 'vitest'
import { momentsOf } from './moments.ts'

const log = `…    | cut off
2026-11-21T15:00:00.000Z claimed
    |
    | ❯ ready
    |
2026-11-21T15:00:00.900Z pasted
    | ❯ Paint the shed
    |
    |   
    | ready
2026-11-21T15:00:01.300Z waits: another prompt is typed
2026-11-21T15:00:09.000Z prompt 7 was completed by shop in 9 s

2026-11-21T15:00:00.000Z an answer that looks like a line
    | and like a screen
`

test('a log is read as moments with their screens, and an answer is none of them', () => {
  const moments = momentsOf(log)

  expect(moments).toEqual([
    { at: Date.parse('2026-11-21T15:00:00.000Z'), says: 'claimed', screen: '❯ ready' },
    { at: Date.parse('2026-11-21T15:00:00.900Z'), says: 'pasted', screen: '❯ Paint the shed\n\nready' },
    {
      at: Date.parse('2026-11-21T15:00:01.300Z'),
      says: 'waits: another prompt is typed',
      screen: null,
    },
    {
      at: Date.parse('2026-11-21T15:00:09.000Z'),
      says: 'prompt 7 was completed by shop in 9 s',
      screen: null,
    },
  ])
})

test('of a large screen the end is shown', () => {
  const rows = Array.from({ length: 60 }, (_, row) => `    | row ${row}`).join('\n')

  const [moment] = momentsOf(`2026-11-21T15:00:00.000Z pasted\n${rows}\n`)

  expect(moment?.screen?.split('\n')).toHaveLength(24)
  expect(moment?.screen).toContain('row 59')
})

test('a log that is empty or broken has no moments', () => {
  expect(momentsOf('')).toEqual([])
  expect(momentsOf('2026-11-21 pasted\n    | nothing before it')).toEqual([])
})
