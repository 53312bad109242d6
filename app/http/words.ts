import nunjucks from 'nunjucks'
import { renderAge, renderDuration, renderMoment } from '../cli/output/time.ts'
import type { EpochMs } from '../core/clock.ts'
import { stateGlyph, type SessionState } from '../core/session.ts'
import type { PromptState } from '../core/prompt.ts'

/*
 * How figures and states read in a page. Times are `<time>` elements that the browser keeps current
 * (`public/js/times.js`); their titles hold the exact moment.
 */

type Markup = nunjucks.runtime.SafeString

/** How long ago: `4 min`. */
export function ago(at: EpochMs | null, now: EpochMs): Markup | string {
  return at === null ? '' : timeElement(at, 'ago', renderAge(at, now))
}

/** A stopwatch that goes on: `6:12`. */
export function running(since: EpochMs | null, now: EpochMs): Markup | string {
  return since === null ? '' : timeElement(since, 'running', renderDuration(now - since))
}

/** A moment to come: `until 14:05`'s second word. */
export function moment(at: EpochMs | null, now: EpochMs): Markup | string {
  return at === null ? '' : timeElement(at, 'moment', renderMoment(at, now))
}

/** What is left until then: `12:30`. */
export function left(until: EpochMs | null, now: EpochMs): Markup | string {
  return until === null ? '' : timeElement(until, 'left', renderDuration(until - now))
}

/** A length of time that is over: `6:12`. */
export function duration(ms: number | null): string {
  return ms === null ? '' : renderDuration(ms)
}

/** A moment by how much later it was than the one before: `+40 ms`, `+1.3 s`, `+6:12`. */
export function later(at: EpochMs, afterMs: number): Markup {
  if (afterMs < 1_000) return timeElement(at, 'later', `+${Math.round(afterMs)} ms`)
  const text = afterMs < 10_000 ? `${(afterMs / 1_000).toFixed(1)} s` : renderDuration(afterMs)
  return timeElement(at, 'later', `+${text}`)
}

/** `12.4k`, `3.1M`: as exact as one wants to read it. */
export function short(count: number | null): string {
  if (count === null) return '–'
  if (count < 1_000) return String(count)
  if (count < 1_000_000) return `${trimmed(count / 1_000)}k`
  return count < 1_000_000_000 ? `${trimmed(count / 1_000_000)}M` : `${trimmed(count / 1_000_000_000)}G`
}

/** `$0.0312`, `$4.20`; nothing when the agent did not say. */
export function money(usd: number | null): string {
  if (usd === null) return ''
  return usd > 0 && usd < 0.1 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`
}

export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB']
  const power = bytes < 1_000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3))
  return `${power === 0 ? bytes : trimmed(bytes / 1_000 ** power)} ${units[power]}`
}

/** The first line that says something: what people call a prompt. */
export function headline(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? ''
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}

/** Text of people in which `code` stands in backticks, as markup; all else of it stays text. */
export function coded(words: string): Markup {
  const parts = words.split(/`([^`\n]+)`/)
  const markup = parts.map((part, index) => {
    const escaped = part.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    return index % 2 === 1 ? `<code>${escaped}</code>` : escaped
  })
  return new nunjucks.runtime.SafeString(markup.join(''))
}

/** Keeps the shape that an emoji font would replace by a coloured picture. */
const asText = '\uFE0E'

/** ⏸ is missing in many fonts, so it is drawn. */
const pauseSign = new nunjucks.runtime.SafeString(
  '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M8.5 5v14M15.5 5v14"/></svg>',
)

export function sessionGlyph(state: SessionState, trusted: boolean): Markup | string {
  if (!trusted) return `▨${asText}`
  return state === 'limited' ? pauseSign : stateGlyph[state] + asText
}

const promptGlyphs: Record<PromptState, string> = {
  staged: '◇',
  pending: '○',
  assigned: '◔',
  in_progress: '◐',
  restarting: '↻',
  completed: '✓',
  failed: '✕',
  cancelled: '–',
}

export function promptGlyph(state: PromptState): string {
  return promptGlyphs[state] + asText
}

const stateNames: Record<string, string> = {
  staged: 'to approve',
  pending: 'waiting',
  assigned: 'delivering',
  in_progress: 'running',
  not_agent: 'no agent',
  high_level: 'high level',
  elsewhere: 'answered there',
  stale: 'replaced',
}

/** A state as people say it. */
export function named(state: string): string {
  return stateNames[state] ?? state.replaceAll('_', ' ')
}

function timeElement(at: EpochMs, kind: string, text: string): Markup {
  const iso = new Date(at).toISOString()
  const exact = new Date(at).toLocaleString('sv')
  // Only dates and figures stand in it: nothing to escape.
  return new nunjucks.runtime.SafeString(
    `<time datetime="${iso}" title="${exact}" data-time="${kind}">${text}</time>`,
  )
}

function trimmed(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '')
}
