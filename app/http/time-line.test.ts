import { expect, test } from 'vitest'
import type { LoggedEvent } from '../core/event.ts'
import type { PromptSummary } from '../db/prompt/summary.ts'
import { timeLineOf } from './time-line.ts'

const minuteMs = 60_000
const now = 100 * minuteMs

function event(minute: number, type: string, data = {}, name?: string): LoggedEvent {
  const actor = name === undefined ? null : { kind: 'user' as const, name, address: null }
  return { id: minute, at: minute * minuteMs, noun: 'session', nounId: 'a', type, data, actor }
}

test('states, prompts and what people did stand on one line of time', () => {
  const events = [
    event(50, 'state', { from: null, state: 'idle' }),
    event(60, 'keyboard_taken', {}, 'ada'),
    event(75, 'state', { from: 'idle', state: 'busy' }),
  ]
  const prompt = { id: 7, state: 'in_progress', beginning: 'Go on', startedAt: 75 * minuteMs, endedAt: null }

  const line = timeLineOf(
    { session: { state: 'busy', since: 75 * minuteMs }, events, prompts: [prompt as PromptSummary] },
    now,
  )

  expect(line.from).toBe(50 * minuteMs)
  expect(line.states.map(({ state, x, width }) => [state, x, width])).toEqual([
    ['idle', 0, 500],
    ['busy', 500, 500],
  ])
  expect(line.prompts).toMatchObject([{ says: '#7 Go on', href: '/prompts/7', x: 500, width: 500 }])
  expect(line.marks).toEqual([{ says: 'ada took the keyboard', at: 60 * minuteMs, x: 200 }])
})

test('what began before the line is there from its beginning on, and the state before the first event is known', () => {
  const late = 100 * 60 * minuteMs
  const events = [{ ...event(0, 'state', { from: 'limited', state: 'idle' }), at: late - 60 * minuteMs }]
  const prompts = [
    { id: 1, state: 'completed', beginning: 'x', startedAt: 0, endedAt: late - 180 * minuteMs },
  ]

  const line = timeLineOf(
    { session: { state: 'idle', since: 0 }, events, prompts: prompts as PromptSummary[] },
    late,
  )

  expect(line.from).toBe(late - 240 * minuteMs)
  expect(line.states.map(({ state, x, width }) => [state, x, width])).toEqual([
    ['limited', 0, 750],
    ['idle', 750, 250],
  ])
  expect(line.prompts).toMatchObject([{ x: 0, width: 250 }])
})

test('a session that has just begun has a line of a minute, not of none', () => {
  const line = timeLineOf({ session: { state: 'idle', since: now - 10 }, events: [], prompts: [] }, now)

  expect(line.to - line.from).toBe(minuteMs)
  expect(line.states).toMatchObject([{ state: 'idle', x: 1000, width: 2 }])
})
