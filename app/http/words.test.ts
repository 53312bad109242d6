import { expect, test } from 'vitest'
import {
  ago,
  coded,
  headline,
  money,
  named,
  promptGlyph,
  running,
  sessionGlyph,
  short,
  size,
} from './words.ts'
import { promptStates } from '../core/prompt.ts'
import { sessionStates } from '../core/session.ts'

const now = Date.UTC(2026, 10, 21, 12)

test.each([
  [short(null), '–'],
  [short(999), '999'],
  [short(12_434), '12.4k'],
  [short(999_999), '1000k'],
  [short(3_100_000), '3.1M'],
  [money(null), ''],
  [money(0.0312), '$0.0312'],
  [money(4.2), '$4.20'],
  [size(0), '0 bytes'],
  [size(1_536), '1.5 kB'],
  [size(2_500_000_000), '2.5 GB'],
  [named('in_progress'), 'running'],
  [named('timed_out'), 'timed out'],
  [headline('\n\n  \nFix it\nnow'), 'Fix it'],
  [headline('x'.repeat(500)).length, 160],
])('%j is %j', (said, expected) => {
  expect(said).toBe(expected)
})

test('a time carries its moment for the browser to keep current', () => {
  expect(String(ago(now - 240_000, now))).toMatch(
    /^<time datetime="2026-11-21T11:56:00.000Z" title="[^"]+" data-time="ago">4 min<\/time>$/,
  )
  expect(String(running(now - 372_000, now))).toContain('data-time="running">6:12<')
  expect(ago(null, now)).toBe('')
})

test('every state has a shape and a word', () => {
  for (const state of sessionStates) {
    expect(String(sessionGlyph(state, true))).not.toBe('')
    expect(named(state)).toMatch(/^[a-z ]+$/)
  }
  for (const state of promptStates) {
    expect(promptGlyph(state)).not.toContain('undefined')
    expect(named(state)).toMatch(/^[a-z ]+$/)
  }
})

test('code in backticks is marked as code, and all else of the text stays text', () => {
  expect(String(coded('Drop `a<b>`, <i>now</i>? `'))).toBe(
    'Drop <code>a&#60;b&#62;</code>, &#60;i&#62;now&#60;/i&#62;? `',
  )
})
