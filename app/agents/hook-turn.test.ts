import { describe, expect, test } from 'vitest'
import type { HookEntry } from './hook-record.ts'
import { hookEvidence, hookTurn, isTurnOpen } from './hook-turn.ts'
import { mergeTurns } from './merge-turns.ts'

const common = (at: number, turnId: string | null) => ({ id: `${at}-1`, at, conversation: 'c1', turnId })
const received = (at: number, text: string, turnId: string | null = `t${at}`): HookEntry => ({
  ...common(at, turnId),
  type: 'prompt_received',
  text,
})
const ended = (at: number, turnId: string | null, answer: string | null = 'the answer'): HookEntry => ({
  ...common(at, turnId),
  type: 'turn_ended',
  answer,
})
const failed = (at: number, turnId: string, error: string, says: string | null = null): HookEntry => ({
  ...common(at, turnId),
  type: 'turn_failed',
  error,
  says,
})

describe('the turn of a prompt, as hooks told it', () => {
  test('begins with its receipt and ends with its answer', () => {
    const record = [received(10, 'do this', 'a'), ended(50, 'a')]

    const turn = hookTurn(record, 'do  this', 5)

    expect(turn).toMatchObject({ promptSeenAt: 10, endedAt: 50, how: 'completed', answer: 'the answer' })
  })

  test('is that of the first equal prompt since then', () => {
    const record = [received(10, 'again', 'a'), ended(20, 'a', 'old'), received(30, 'again', 'b')]

    expect(hookTurn(record, 'again', 15)).toMatchObject({ promptSeenAt: 30, endedAt: null })
    expect(hookTurn(record, 'again', 40)).toBeNull()
  })

  test('is not over when the turn ended in which its prompt was queued', () => {
    const record = [received(10, 'first', 'a'), received(20, 'queued', 'a'), ended(30, 'a')]

    expect(hookTurn(record, 'queued', 15)).toMatchObject({ promptSeenAt: 20, endedAt: null, answer: null })
  })

  test("has the last answer when somebody's hook made the agent go on", () => {
    const record = [received(10, 'x', 'a'), ended(20, 'a', 'half'), ended(30, 'a', 'whole')]

    expect(hookTurn(record, 'x', 0)).toMatchObject({ endedAt: 30, answer: 'whole' })
  })

  test('of an agent without turn ids ends before the next prompt', () => {
    const record = [received(10, 'x', null), received(20, 'y', null), ended(30, null)]

    expect(hookTurn(record, 'x', 0)).toMatchObject({ endedAt: null })
    expect(hookTurn(record, 'y', 0)).toMatchObject({ endedAt: 30 })
  })

  test('does not end with silence, which a failure sounds like as well', () => {
    expect(hookTurn([received(10, 'x', 'a'), ended(20, 'a', null)], 'x', 0)).toMatchObject({ endedAt: null })
  })

  test('that meets a usage limit says until when', () => {
    const at = Date.UTC(2026, 10, 21, 1, 0)
    const says = "You've hit your 5-hour limit · resets 3:29am (UTC)"

    const turn = hookTurn([received(at - 5, 'x', 'a'), failed(at, 'a', 'rate_limit', says)], 'x', 0)

    expect(turn).toMatchObject({ how: 'limited', limitedUntil: Date.UTC(2026, 10, 21, 3, 29) })
  })

  test('that fails has the words of the agent', () => {
    const record = [received(10, 'x', 'a'), failed(20, 'a', 'unknown', 'API Error: 400')]

    expect(hookTurn(record, 'x', 0)).toMatchObject({ how: 'error', error: 'API Error: 400' })
  })
})

test('a turn is open until hooks tell of its end', () => {
  expect(isTurnOpen([])).toBe(false)
  expect(isTurnOpen([received(10, 'x', 'a')])).toBe(true)
  expect(isTurnOpen([received(10, 'x', 'a'), ended(20, 'a')])).toBe(false)
  expect(isTurnOpen([received(10, 'x', 'a'), ended(20, 'a'), received(30, 'y', 'b')])).toBe(true)
})

test('what hooks told last is evidence', () => {
  expect(hookEvidence([received(10, 'x', 'a'), ended(20, 'a')])).toEqual([
    { source: 'hook', at: 20, says: 'its hook told that its turn ended' },
  ])
})

describe('hooks and transcript together', () => {
  const told = hookTurn([received(10, 'x', 'a'), ended(50, 'a', 'from the hook')], 'x', 0)!
  const recorded = { ...told, promptSeenAt: 30, endedAt: 80, answer: 'from the file', tokensOut: 7 }
  delete recorded.endBy
  delete recorded.answerBy

  test('the end is of the transcript, with its tokens; the answer is of the hook', () => {
    expect(mergeTurns(told, recorded)).toMatchObject({
      promptSeenAt: 10,
      endedAt: 80,
      tokensOut: 7,
      answer: 'from the hook',
      answerBy: 'hook',
    })
    expect(mergeTurns(told, recorded)).not.toHaveProperty('endBy')
  })

  test('until the transcript follows, the end is of the hook', () => {
    const running = { ...recorded, endedAt: null, how: null, answer: null }

    expect(mergeTurns(told, running)).toMatchObject({ endedAt: 50, endBy: 'hook', answer: 'from the hook' })
  })

  test('an interrupted turn stays so, whatever hooks told before', () => {
    expect(mergeTurns(told, { ...recorded, how: 'interrupted', answer: null })).toMatchObject({
      how: 'interrupted',
      answer: null,
    })
  })

  test('each alone is enough', () => {
    expect(mergeTurns(told, null)).toBe(told)
    expect(mergeTurns(null, recorded)).toBe(recorded)
    expect(mergeTurns(null, null)).toBeNull()
  })
})
