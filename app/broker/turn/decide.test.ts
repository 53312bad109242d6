import { describe, expect, test } from 'vitest'
import type { Turn } from '../../core/turn.ts'
import { readingOf } from '../../testing/live-session.ts'
import {
  nextTurnStep,
  quietAgainstRecordMs,
  quietWithoutRecordMs,
  resumeAfterLimitMs,
  shortTurnMs,
  transcriptFollowsMs,
  type TurnSituation,
} from './decide.ts'

describe('an agent with a record', () => {
  const recorded = { recordsEnds: true } as const

  test.each<[Turn['how'], string]>([
    ['completed', 'completed'],
    ['interrupted', 'interrupted'],
    ['error', 'failed'],
  ])('a turn that the record calls %s ends as %s', (how, outcome) => {
    expect(nextTurnStep(situation({ ...recorded, turn: turn({ how, endedAt: 5 }) }))).toMatchObject({
      do: 'end',
      outcome,
    })
  })

  test('a turn that had ended before its agent died is complete', () => {
    const ended = { ...recorded, reading: null, turn: turn({ how: 'completed', endedAt: 5 }) }

    expect(nextTurnStep(situation(ended))).toMatchObject({ outcome: 'completed' })
  })

  test('a screen that is idle against an open record is believed only after a while', () => {
    const quiet = { ...recorded, turn: turn({}), busySeen: true } as const

    expect(nextTurnStep(situation({ ...quiet, quietMs: quietWithoutRecordMs })).do).toBe('wait')
    expect(nextTurnStep(situation({ ...quiet, quietMs: quietAgainstRecordMs }))).toMatchObject({
      outcome: 'completed',
    })
  })
})

describe("an agent's hook", () => {
  const told = turn({ how: 'completed', endedAt: 5_000, endBy: 'hook' })

  test('ends a turn together with a session that looks idle', () => {
    expect(nextTurnStep(situation({ turn: told, now: 5_100, quietMs: 0 })).do).toBe('wait')
    expect(nextTurnStep(situation({ turn: told, now: 5_400, quietMs: 300 }))).toMatchObject({
      outcome: 'completed',
    })
  })

  test('lets the transcript follow with its tokens, where there is one', () => {
    const both = { turn: told, recordsEnds: true, quietMs: 300 }

    expect(nextTurnStep(situation({ ...both, now: 5_000 + transcriptFollowsMs - 1 })).do).toBe('wait')
    expect(nextTurnStep(situation({ ...both, now: 5_000 + transcriptFollowsMs })).do).toBe('end')
  })

  test('is enough when the agent is gone', () => {
    expect(nextTurnStep(situation({ turn: told, reading: null }))).toMatchObject({ outcome: 'completed' })
  })
})

describe('an agent without a record', () => {
  test('a turn ends when the screen has been idle for a while after it was busy', () => {
    expect(nextTurnStep(situation({ busySeen: true, quietMs: 100 })).do).toBe('wait')
    expect(nextTurnStep(situation({ busySeen: true, quietMs: quietWithoutRecordMs }))).toMatchObject({
      outcome: 'completed',
    })
  })

  test('a turn that was never seen busy gets time to begin', () => {
    const unseen = { quietMs: quietWithoutRecordMs } as const

    expect(nextTurnStep(situation({ ...unseen, sinceSubmitMs: shortTurnMs - 1 })).do).toBe('wait')
    expect(nextTurnStep(situation({ ...unseen, sinceSubmitMs: shortTurnMs })).do).toBe('end')
  })

  test('a turn that leaves an error on the screen has failed, with what it says', () => {
    const error = readingOf({
      state: 'error',
      evidence: [{ source: 'screen', at: 0, says: 'API Error 529', state: 'error' }],
    })

    expect(nextTurnStep(situation({ busySeen: true, quietMs: 2_000, reading: error }))).toMatchObject({
      outcome: 'failed',
      because: expect.stringContaining('529'),
    })
  })

  test('a prompt that is back in the box was taken back', () => {
    expect(nextTurnStep(situation({ composer: 'ours', quietMs: 2_000 }))).toMatchObject({
      outcome: 'interrupted',
    })
  })
})

describe('time', () => {
  test('a busy turn that outlives its timeout has timed out', () => {
    const busy = { reading: readingOf({ state: 'busy' }), timeoutMs: 60_000 } as const

    expect(nextTurnStep(situation({ ...busy, runningMs: 59_000 })).do).toBe('wait')
    expect(nextTurnStep(situation({ ...busy, runningMs: 61_000 }))).toMatchObject({
      outcome: 'timed_out',
      because: 'it did not end within 1 minute',
    })
  })

  test.each(['permission', 'question', 'menu', 'onboarding'] as const)(
    'time stands still in a %s dialog',
    (state) => {
      const asked = { reading: readingOf({ state }), runningMs: 10_000_000 } as const

      expect(nextTurnStep(situation(asked)).do).toBe('pause')
    },
  )
})

describe('a usage limit', () => {
  const limited = {
    limitedUntil: 1_000_000,
    reading: readingOf({ state: 'limited', acceptsPrompt: false }),
  } as const

  test('holds the turn until it is over, then the agent is told to go on', () => {
    expect(nextTurnStep(situation({ ...limited, now: 999_999 })).do).toBe('pause')
    expect(nextTurnStep(situation({ ...limited, now: 1_000_001 })).do).toBe('pause')
    expect(nextTurnStep(situation({ ...limited, now: 1_000_000 + resumeAfterLimitMs })).do).toBe('resume')
  })

  test('a turn that the record calls limited waits as well', () => {
    const recorded = {
      ...limited,
      recordsEnds: true,
      turn: turn({ how: 'limited', endedAt: 5 }),
      now: 999_999,
    }

    expect(nextTurnStep(situation(recorded)).do).toBe('pause')
  })
})

describe('an interrupt', () => {
  test.each(['busy', 'permission', 'question'] as const)(
    'the keys are pressed while the agent is %s',
    (state) => {
      expect(nextTurnStep(situation({ interruptMs: 0, reading: readingOf({ state }) })).do).toBe(
        'press_interrupt',
      )
    },
  )

  test('it is done when the screen is quiet, record or not', () => {
    const stopped = { interruptMs: 3_000, quietMs: quietWithoutRecordMs } as const

    expect(nextTurnStep(situation({ ...stopped, recordsEnds: true }))).toMatchObject({
      outcome: 'interrupted',
    })
  })
})

test('an agent that is gone ends its turn with the reason', () => {
  expect(nextTurnStep(situation({ reading: null }))).toMatchObject({ outcome: 'agent_gone' })
  expect(nextTurnStep(situation({ sameGeneration: false }))).toMatchObject({ outcome: 'agent_gone' })
})

function situation(change: Partial<TurnSituation>): TurnSituation {
  return {
    now: 0,
    runningMs: 0,
    timeoutMs: 1_800_000,
    sinceSubmitMs: 0,
    sameGeneration: true,
    reading: readingOf({}),
    turn: null,
    recordsEnds: false,
    quietMs: 0,
    busySeen: false,
    composer: 'nothing',
    interruptMs: null,
    limitedUntil: null,
    ...change,
  }
}

function turn(change: Partial<Turn>): Turn {
  return {
    promptSeenAt: 1,
    endedAt: null,
    how: null,
    answer: null,
    tokensIn: null,
    tokensOut: null,
    costUsd: null,
    limitedUntil: null,
    sessionId: null,
    error: null,
    ...change,
  }
}
