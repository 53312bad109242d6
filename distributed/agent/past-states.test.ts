import { expect, test } from 'vitest'
import { liveSession } from '../../app/testing/live-session.ts'
import { mostPastStates } from '../protocol/news.ts'
import { PastStates } from './past-states.ts'

const idle = liveSession('pi/default/%1')
const busy = { ...idle, since: 2_000, reading: { ...idle.reading, state: 'busy' as const } }

test('each state is kept once, in order, with the time at which it began', () => {
  const past = new PastStates()

  past.note(idle)
  past.note({ ...idle, at: 1_500 })
  past.note(busy)
  past.noteGone(busy, 3_000)
  past.note({ ...idle, since: 4_000 })

  expect(past.untold.map(({ state, at }) => [state, at])).toEqual([
    ['idle', 1_000],
    ['busy', 2_000],
    ['gone', 3_000],
    ['idle', 4_000],
  ])
})

test('what was told is forgotten, and what came meanwhile is not', () => {
  const past = new PastStates()
  past.note(idle)
  const told = past.untold.slice()
  past.note(busy)

  past.forget(told)

  expect(past.untold.map(({ state }) => state)).toEqual(['busy'])
})

test('a cut of any length keeps no more than so many, the newest', () => {
  const past = new PastStates()

  for (let at = 0; at < mostPastStates; at += 1) {
    past.note({ ...idle, since: 2 * at })
    past.note({ ...busy, since: 2 * at + 1 })
  }

  expect(past.untold).toHaveLength(mostPastStates)
  expect(past.untold.at(-1)).toMatchObject({ state: 'busy', at: 2 * mostPastStates - 1 })
})
