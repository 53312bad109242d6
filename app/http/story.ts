import type { Attempt } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import type { LoggedEvent } from '../core/event.ts'
import type { Prompt } from '../core/prompt.ts'
import type { Evidence, SessionState } from '../core/session.ts'

/** One step of what happened to a prompt. */
export interface Step {
  at: EpochMs
  /** Decides colour and shape: `done`, `failed`, `waiting`, `running`, `note`. */
  kind: 'done' | 'failed' | 'waiting' | 'running' | 'note'
  says: string
  /** A second line: who, why. */
  detail: string | null
  evidence: Evidence[]
}

/**
 * The story of a prompt on one time line: its own events, how far the attempt's delivery got, and what the
 * session did meanwhile.
 */
export function storyOf(
  prompt: Prompt,
  events: readonly LoggedEvent[],
  attempt: Attempt | null,
  session: readonly LoggedEvent[],
): Step[] {
  const steps = [
    ...(events.length > 0 ? events.flatMap(stepOfEvent) : [queued(prompt)]),
    ...(attempt ? stepsOfAttempt(attempt) : []),
    ...session.flatMap(stepOfSession),
  ]
  return steps.sort((a, b) => a.at - b.at)
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
}

function stepOfEvent({ at, type, data, actor }: LoggedEvent): Step[] {
  // `start` says the same as the attempt's own `submitted`.
  if (type === 'start') return []
  const [kind, says] = eventWords[type] ?? ['note', type.replaceAll('_', ' ')]
  const name = type === 'assign' ? ` ${text(data['sessionName'])}` : ''
  const by = actor && actor.kind !== 'worker' ? `by ${actor.name}` : ''
  const why = text(data['reason'] ?? data['attention'] ?? (type === 'edit' ? fieldsOf(data) : ''))
  return [step(at, kind, says + name, [why, by].filter(Boolean).join(' · ') || null)]
}

function stepsOfAttempt(attempt: Attempt): Step[] {
  const { typedAt, enteredAt, submittedAt, endedAt, evidence } = attempt
  const phases: [EpochMs | null, string][] = [
    [typedAt, 'typed'],
    [enteredAt, 'Enter pressed'],
    [submittedAt, 'submitted'],
  ]
  return phases.flatMap(([at, says]) => {
    if (at === null) return []
    const proof = evidence.filter((piece) => piece.at === at || isJustBefore(piece.at, at, endedAt))
    const told = says === 'submitted' ? (proof[0]?.says ?? null) : null
    return [{ ...step(at, says === 'submitted' ? 'done' : 'running', says, told), evidence: proof }]
  })
}

/** Evidence was collected in the second before the phase that it proves. */
function isJustBefore(at: EpochMs, phaseAt: EpochMs, endedAt: EpochMs | null): boolean {
  return at <= phaseAt && phaseAt - at < 1_000 && (endedAt === null || at < endedAt)
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
  return { at, kind, says, detail, evidence: [] }
}
