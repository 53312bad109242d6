import { expect, test } from 'vitest'
import type { Reading } from '../core/session.ts'
import { LimitMemory } from './limit-memory.ts'

const until = Date.UTC(2026, 10, 21, 13, 57)
const dayMs = 86_400_000
const minuteMs = 60_000

test('a notice means the time that it meant when it was first seen, and the box is open after it', () => {
  const memory = new LimitMemory()

  const during = memory.apply('agent', limited(until), until - 60 * minuteMs)
  const after = memory.apply('agent', limited(until + dayMs), until + minuteMs)

  expect(during).toMatchObject({ state: 'limited', limitedUntil: until, acceptsPrompt: false })
  expect(after).toMatchObject({ state: 'idle', limitedUntil: null, acceptsPrompt: true })
})

test('a notice that a dialog covered for a moment is still the same one', () => {
  const memory = new LimitMemory()
  memory.apply('agent', limited(until), until - 60 * minuteMs)
  memory.apply('agent', { ...limited(null), state: 'menu' }, until + minuteMs)

  const after = memory.apply('agent', limited(until + dayMs), until + minuteMs)

  expect(after).toMatchObject({ state: 'idle', acceptsPrompt: true })
})

test('a notice after more work is another one', () => {
  const memory = new LimitMemory()
  memory.apply('agent', limited(until), until - 60 * minuteMs)
  memory.apply('agent', { ...limited(null), state: 'busy' }, until + minuteMs)

  const next = memory.apply('agent', limited(until + dayMs), until + 2 * minuteMs)

  expect(next).toMatchObject({ state: 'limited', limitedUntil: until + dayMs })
})

/** The composer stands open below the notice. */
function limited(limitedUntil: number | null): Reading {
  return {
    agent: 'codex',
    version: null,
    state: 'limited',
    acceptsPrompt: false,
    draft: false,
    composer: { text: '', pasted: false, firstRow: 20, lastRow: 20 },
    trusted: true,
    limitedUntil,
    rule: 'codex/limit-told',
    evidence: [],
  }
}
