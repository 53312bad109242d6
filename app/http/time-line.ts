import type { EpochMs } from '../core/clock.ts'
import type { LoggedEvent } from '../core/event.ts'
import type { PromptSummary } from '../db/prompt/summary.ts'
import type { StoredSession } from '../db/sessions.ts'
import { headline, named } from './words.ts'

/** What a session did on one line of time, in lanes. Places are on a scale of 0 to 1000. */
export interface TimeLine {
  from: EpochMs
  to: EpochMs
  states: Span[]
  prompts: Span[]
  marks: Mark[]
}

export interface Span {
  /** A session's state or a prompt's: decides the colour. */
  state: string
  says: string
  href: string | null
  from: EpochMs
  to: EpochMs
  x: number
  width: number
}

/** Something that happened in a moment: somebody took the keyboard, a setting, an approval. */
export interface Mark {
  says: string
  at: EpochMs
  x: number
}

const hourMs = 3_600_000
/** A line is as long as what there is to show, within these. */
const longestMs = 4 * hourMs
const shortestMs = hourMs / 60

interface Seen {
  session: Pick<StoredSession, 'state' | 'since'>
  /** Of this session, oldest first. */
  events: readonly LoggedEvent[]
  prompts: readonly PromptSummary[]
}

/** When the line of a session begins. */
export function timeLineStart({ events, prompts, session }: Seen, now: EpochMs): EpochMs {
  const known = [
    session.since,
    ...events.map(({ at }) => at),
    ...prompts.flatMap(({ startedAt }) => startedAt ?? []),
  ]
  return Math.max(now - longestMs, Math.min(now - shortestMs, ...known))
}

export function timeLineOf(seen: Seen, now: EpochMs): TimeLine {
  const from = timeLineStart(seen, now)
  const place = (at: EpochMs) => Math.round(((Math.max(from, at) - from) / (now - from)) * 1000)
  const spanOf = ({ from: begin, to, ...rest }: Omit<Span, 'x' | 'width'>): Span => {
    const x = place(begin)
    return { ...rest, from: Math.max(from, begin), to, x, width: Math.max(2, place(to) - x) }
  }
  return {
    from,
    to: now,
    states: statesOf(seen, now)
      .filter(({ to }) => to > from)
      .map(spanOf),
    prompts: seen.prompts
      .flatMap((prompt) => spanOfPrompt(prompt, now))
      .filter(({ to }) => to > from)
      .map(spanOf),
    marks: seen.events
      .filter(({ type, at }) => type !== 'state' && at >= from)
      .map((event) => ({ says: markWords(event), at: event.at, x: place(event.at) })),
  }
}

type Placeless = Omit<Span, 'x' | 'width'>

function statesOf({ session, events }: Seen, now: EpochMs): Placeless[] {
  const changes = events.filter(({ type }) => type === 'state')
  const first = changes[0]
  if (!first) return [stateSpan(session.state, session.since, now)]
  const spans = changes.map(({ data, at }, index) => {
    const next = changes[index + 1]
    // The first event of a session tells late of what it may have been for long.
    const from = next || data['from'] ? at : Math.min(at, session.since)
    return stateSpan(String(data['state']), from, next?.at ?? now)
  })
  const before = first.data['from']
  return typeof before === 'string' ? [stateSpan(before, 0, first.at), ...spans] : spans
}

function stateSpan(state: string, from: EpochMs, to: EpochMs): Placeless {
  return { state, says: named(state), href: null, from, to }
}

function spanOfPrompt(
  { id, state, beginning, startedAt, endedAt }: PromptSummary,
  now: EpochMs,
): Placeless[] {
  if (startedAt === null) return []
  const says = `#${id} ${headline(beginning)}`
  return [{ state, says, href: `/prompts/${id}`, from: startedAt, to: endedAt ?? now }]
}

const marks: Record<string, string> = {
  keyboard_taken: 'took the keyboard',
  keyboard_released: 'gave the keyboard back',
  create: 'created it',
  settings: 'changed its settings',
}

function markWords({ type, actor }: LoggedEvent): string {
  const did = marks[type] ?? type.replaceAll('_', ' ')
  return actor ? `${actor.name} ${did}` : did
}
