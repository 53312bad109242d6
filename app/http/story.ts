import type { Attempt } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import type { LoggedEvent } from '../core/event.ts'
import type { Prompt } from '../core/prompt.ts'
import type { Evidence, SessionState } from '../core/session.ts'
import type { Moment } from './moments.ts'

/** One step of what happened to a prompt. */
export interface Step {
  at: EpochMs
  /** Decides colour and shape: `done`, `failed`, `waiting`, `running`, `note`. */
  kind: 'done' | 'failed' | 'waiting' | 'running' | 'note'
  says: string
  /** A second line: who, why. */
  detail: string | null
  evidence: Evidence[]
  /** What stood on the session's screen then (before the keys, where it is about keys), where it was kept. */
  screen: string | null
  /** Since the step before, in ms; null for the first one. */
  afterMs: number | null
}

/**
 * The story of a prompt on one time line: its own events, how far the attempt's delivery got, and what the
 * session did meanwhile; `moments` are of the attempt's log. Each step has what proved it and what was on screen.
 */
export function storyOf(
  prompt: Prompt,
  events: readonly LoggedEvent[],
  attempt: Attempt | null,
  session: readonly LoggedEvent[],
  moments: readonly Moment[] = [],
): Step[] {
  const steps = [
    ...(events.length > 0 ? events.flatMap(stepOfEvent) : [queued(prompt)]),
    ...(attempt ? stepsOfAttempt(attempt) : []),
    ...session.flatMap(stepOfSession),
  ].sort((a, b) => a.at - b.at)
  if (attempt) proveSteps(steps, attempt)
  for (const moment of moments) showMoment(steps, moment)
  return steps.map((each, index) => ({
    ...each,
    afterMs: index === 0 ? null : each.at - steps[index - 1]!.at,
  }))
}

/** For a prompt whose events retention has removed. */
function queued({ createdAt }: Prompt): Step {
  return step(createdAt, 'note', 'queued')
}

const eventWords: Record<string, [Step['kind'], string]> = {
  submit: ['waiting', 'queued'],
  approve: ['done', 'approved'],
  reject: ['failed', 'rejected'],
  assign: ['running', 'claimed by'],
  release: ['waiting', 'given back'],
  doubt: ['waiting', 'delivery in doubt'],
  finish: ['done', 'completed'],
  fail: ['failed', 'failed'],
  expire: ['failed', 'expired'],
  cancel: ['failed', 'cancelled'],
  interrupt: ['failed', 'interrupted'],
  interrupt_requested: ['waiting', 'interrupt asked for'],
  suspend: ['waiting', 'suspended: its work restarts Architect'],
  recall: ['waiting', 'queued again'],
  retry: ['waiting', 'queued again'],
  reassign: ['waiting', 'given to another target'],
  waiting: ['waiting', 'waits'],
  due: ['waiting', 'due'],
  edit: ['note', 'edited'],
  report: ['note', 'tells how far it is'],
  hand_over: ['waiting', 'turn over; goes on with what it delegated'],
  digest: ['waiting', 'goes on with what its parts came to'],
  accept: ['done', 'accepted'],
  send_back: ['waiting', 'sent back'],
}

function stepOfEvent({ at, type, data, actor }: LoggedEvent): Step[] {
  // `start` says the same as the attempt's own `submitted`.
  if (type === 'start') return []
  const [kind, says] = eventWords[type] ?? ['note', type.replaceAll('_', ' ')]
  const name = type === 'assign' ? ` ${text(data['sessionName'])}` : ''
  const by = actor && actor.kind !== 'worker' ? `by ${actor.name}` : ''
  const why = text(
    data['reason'] ??
      data['attention'] ??
      data['comment'] ??
      data['text'] ??
      (type === 'edit' ? fieldsOf(data) : ''),
  )
  return [step(at, kind, says + name, [why, by].filter(Boolean).join(' · ') || null)]
}

function stepsOfAttempt({ typedAt, enteredAt, submittedAt }: Attempt): Step[] {
  const phases: [EpochMs | null, Step['kind'], string][] = [
    [typedAt, 'running', 'typed'],
    [enteredAt, 'running', 'Enter pressed'],
    [submittedAt, 'done', 'submitted'],
  ]
  return phases.flatMap(([at, kind, says]) => (at === null ? [] : [step(at, kind, says)]))
}

/** Evidence is collected before the step that it proves: it belongs to the first one from then on. */
function proveSteps(steps: Step[], { endedAt, evidence }: Attempt): void {
  const proved = steps.filter(({ at, says }) => isPhase(says) || (at === endedAt && isEnd(says)))
  for (const piece of evidence) {
    const place = proved.find(({ at }) => at >= piece.at) ?? proved.at(-1)
    place?.evidence.push(piece)
  }
  const submitted = steps.find(({ says }) => says === 'submitted')
  if (submitted) submitted.detail ??= submitted.evidence[0]?.says ?? null
}

const isPhase = (says: string) => ['typed', 'Enter pressed', 'submitted'].includes(says)
const isEnd = (says: string) => ['completed', 'failed', 'interrupted', 'given back'].includes(says)

/** Log and database are written one after the other: this far apart they tell of the same moment, in ms. */
const sameMomentMs = 2_000

/** Which steps a line of the attempt's log is about. */
const aboutSteps: [RegExp, (says: string) => boolean][] = [
  [/^claimed$/, (says) => says.startsWith('claimed by')],
  [/^pasted$/, (says) => says === 'typed'],
  [/^pressed Enter/, (says) => says === 'Enter pressed'],
  [/^submitted: /, (says) => says === 'submitted'],
  [/^given_back: /, (says) => says === 'given back'],
  [/^unknown: /, (says) => says === 'delivery in doubt'],
  [/^stands still: /, (says) => says.startsWith('session ') || says === 'usage limit'],
  [/^the turn ended$/, isEnd],
]

function showMoment(steps: Step[], { at, says, screen }: Moment): void {
  if (screen === null) return
  const isAbout = aboutSteps.find(([pattern]) => pattern.test(says))?.[1]
  const near = steps.filter((each) => isAbout?.(each.says) && Math.abs(each.at - at) < sameMomentMs)
  const place = near.toSorted((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0]
  if (place) place.screen = screen
}

const stateWords: Partial<Record<SessionState, [Step['kind'], string]>> = {
  busy: ['running', 'session busy'],
  permission: ['waiting', 'session asks for permission'],
  question: ['waiting', 'session asks a question'],
  menu: ['waiting', 'session shows a menu'],
  limited: ['waiting', 'usage limit'],
  error: ['failed', 'session shows an error'],
  gone: ['failed', 'session gone'],
  idle: ['done', 'session idle'],
}

function stepOfSession({ at, type, data }: LoggedEvent): Step[] {
  if (type !== 'state') return []
  const words = stateWords[data['state'] as SessionState]
  return words ? [step(at, words[0], words[1], text(data['rule']) || null)] : []
}

function fieldsOf(data: Record<string, unknown>): string {
  const fields = data['fields']
  return Array.isArray(fields) ? fields.join(', ') : ''
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function step(at: EpochMs, kind: Step['kind'], says: string, detail: string | null = null): Step {
  return { at, kind, says, detail, evidence: [], screen: null, afterMs: null }
}
