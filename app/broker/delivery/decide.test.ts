import { describe, expect, test } from 'vitest'
import type { Reading, SessionState } from '../../core/session.ts'
import { readingOf } from '../../testing/live-session.ts'
import {
  enterAgainAfterMs,
  maxEnters,
  mixedForMs,
  nextStep,
  pasteVisibleWithinMs,
  transcriptWithinMs,
  type Situation,
} from './decide.ts'

describe('before the paste', () => {
  test('an idle agent with an empty box gets the paste', () => {
    expect(nextStep(situation({}))).toEqual({ do: 'paste' })
  })

  test.each<[string, Partial<Situation>]>([
    ['a pane that is gone', { reading: null }],
    ['another agent in the pane', { sameGeneration: false }],
    ['a reading that is not trusted', { reading: reading({ trusted: false }) }],
    ['a half-typed text', { reading: reading({ draft: true }) }],
    ['a foreign text in the box', { composer: 'other' }],
    ['a busy agent', { reading: reading({ state: 'busy', acceptsPrompt: false }) }],
    ['an open dialog', { reading: reading({ state: 'permission', acceptsPrompt: false }) }],
    ['copy mode', { blocked: 'somebody scrolls' }],
    ['a pane that is never still', { refusals: 51 }],
  ])('%s is never typed into', (_what, change) => {
    expect(nextStep(situation(change)).do).toBe('give_back')
  })

  test('a session whose last turn ended in an error can take a prompt', () => {
    expect(nextStep(situation({ reading: reading({ state: 'error' }) }))).toEqual({ do: 'paste' })
  })
})

describe('between paste and Enter', () => {
  const typed = { phase: 'typed', composer: 'ours', sinceStepMs: 400 } as const

  test('Enter follows when the box shows our text, the paste has settled and nothing else is open', () => {
    expect(nextStep(situation(typed))).toEqual({ do: 'enter' })
    expect(nextStep(situation({ ...typed, sinceStepMs: 100 })).do).toBe('wait')
  })

  test('a pane that is gone gives the prompt back only while no Enter can have been pressed', () => {
    const gone = { ...typed, reading: null, sameGeneration: false }

    expect(nextStep(situation({ ...gone, enterSent: false })).do).toBe('give_back')
    expect(nextStep(situation({ ...gone, enterSent: true })).do).toBe('doubt')
  })

  test('a pane without our marker says nothing of an Enter that was sent', () => {
    const other = { ...typed, enterSent: true, sameGeneration: false }
    const empty = { ...typed, enterSent: true, composer: 'nothing', sinceStepMs: 60_000 } as const

    expect(nextStep(situation({ ...other, marked: true })).do).toBe('give_back')
    expect(nextStep(situation({ ...other, marked: false })).do).toBe('doubt')
    expect(nextStep(situation({ ...empty, marked: true })).do).toBe('give_back')
    expect(nextStep(situation({ ...empty, marked: false })).do).toBe('doubt')
  })

  test.each<SessionState>(['permission', 'question', 'menu', 'onboarding'])(
    'no Enter goes into a %s dialog',
    (state) => {
      for (const composer of ['ours', 'nothing', 'other'] as const) {
        for (const sinceStepMs of [0, 1_000, 100_000_000]) {
          const step = nextStep(situation({ ...typed, composer, sinceStepMs, reading: reading({ state }) }))
          expect(step.do).toBe('wait')
        }
      }
    },
  )

  test("the agent's own list of commands is open while its command stands in the box", () => {
    const menu = situation({ ...typed, agentCommand: true, reading: reading({ state: 'menu' }) })

    expect(nextStep(menu)).toEqual({ do: 'enter' })
    expect(nextStep({ ...menu, agentCommand: false }).do).toBe('wait')
  })

  test('no Enter is pressed on a text that is not ours alone; a person decides when it stays', () => {
    expect(nextStep(situation({ ...typed, composer: 'other' })).do).toBe('wait')
    expect(nextStep(situation({ ...typed, composer: 'other', sinceStepMs: mixedForMs })).do).toBe('doubt')
  })

  test('a turn that the agent began by itself is waited for', () => {
    expect(nextStep(situation({ ...typed, reading: reading({ state: 'busy' }) })).do).toBe('wait')
  })

  test('a paste that never shows goes back, but only after the agent had time to draw it', () => {
    const vanished = { ...typed, composer: 'nothing' } as const

    expect(nextStep(situation(vanished)).do).toBe('wait')
    expect(nextStep(situation({ ...vanished, sinceStepMs: pasteVisibleWithinMs })).do).toBe('give_back')
  })

  test('a vanished paste of an agent that worked meanwhile is not given to anyone again', () => {
    const worked = {
      ...typed,
      composer: 'nothing',
      busySeen: true,
      sinceStepMs: pasteVisibleWithinMs,
    } as const

    expect(nextStep(situation(worked)).do).toBe('doubt')
  })

  test('an agent that died before Enter gave the prompt back', () => {
    expect(nextStep(situation({ ...typed, reading: null })).do).toBe('give_back')
    expect(nextStep(situation({ ...typed, sameGeneration: false })).do).toBe('give_back')
  })
})

describe('after Enter', () => {
  const entered = { phase: 'entered', enters: 1, composer: 'nothing', sinceStepMs: 500 } as const

  test.each<[string, Partial<Situation>]>([
    ['the record shows it', { promptSeen: true, composer: 'ours' }],
    ['the agent is busy', { reading: reading({ state: 'busy' }) }],
    ['the agent was busy', { busySeen: true }],
    ['its turn asks for permission', { reading: reading({ state: 'permission' }) }],
    ['its turn met a limit', { reading: reading({ state: 'limited', composer: null }) }],
    ['the box stays empty', { sinceStepMs: 700 }],
  ])('%s: submitted', (_what, change) => {
    expect(nextStep(situation({ ...entered, ...change })).do).toBe('confirm')
  })

  test('an Enter that was swallowed is pressed again, the text is never pasted again', () => {
    const stranded = { ...entered, composer: 'ours', sinceStepMs: enterAgainAfterMs } as const

    expect(nextStep(situation({ ...stranded, sinceStepMs: 300 })).do).toBe('wait')
    expect(nextStep(situation(stranded))).toEqual({ do: 'enter' })
    expect(nextStep(situation({ ...stranded, enters: maxEnters })).do).toBe('doubt')
  })

  test('an agent that ends right after Enter leaves a doubt, after its record had time to speak', () => {
    const ended = { ...entered, reading: null, hasTranscript: true } as const

    expect(nextStep(situation(ended)).do).toBe('wait')
    expect(nextStep(situation({ ...ended, sinceStepMs: transcriptWithinMs })).do).toBe('doubt')
  })

  test('an emptied box is no proof when the agent keeps a record that does not show the prompt', () => {
    const silent = { ...entered, hasTranscript: true } as const

    expect(nextStep(situation(silent)).do).toBe('wait')
    expect(nextStep(situation({ ...silent, sinceStepMs: transcriptWithinMs })).do).toBe('doubt')
  })
})

test('whatever is seen, a text is pasted only before anything was typed', () => {
  for (const phase of ['typed', 'entered'] as const) {
    for (const composer of ['nothing', 'ours', 'other'] as const) {
      for (const state of ['idle', 'busy', 'permission', 'limited', 'error', 'not_agent'] as const) {
        for (const sinceStepMs of [0, 800, 5_000, 60_000]) {
          const step = nextStep(situation({ phase, composer, sinceStepMs, reading: reading({ state }) }))
          expect(step.do).not.toBe('paste')
        }
      }
    }
  }
})

function situation(change: Partial<Situation>): Situation {
  return {
    phase: 'claimed',
    enters: 0,
    sinceStepMs: 0,
    sameGeneration: true,
    reading: reading({}),
    composer: 'nothing',
    blocked: null,
    refusals: 0,
    promptSeen: false,
    busySeen: false,
    hasTranscript: false,
    enterSent: false,
    marked: false,
    settleMs: 300,
    agentCommand: false,
    ...change,
  }
}

function reading(change: Partial<Reading>): Reading {
  return readingOf({ composer: { text: '', pasted: false, firstRow: 37, lastRow: 37 }, ...change })
}
