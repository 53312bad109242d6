import type { Attempt, AttemptOutcome, AttemptPhase } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { Held } from '../../core/queue.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { changeAttempt, columnsOf, type AttemptFields } from './change.ts'

/** Notes how far a delivery got, with its time. Throws `conflict` when the attempt ended or changed hands. */
export async function recordPhase(
  db: Db,
  held: Held,
  phase: AttemptPhase,
  noted: AttemptFields & { at: EpochMs },
): Promise<Attempt> {
  const { at, ...fields } = noted
  const column = timeColumns[phase]
  const attempt = await changeAttempt(db, held, {
    ...columnsOf(fields),
    phase,
    ...(column && { [column]: at }),
  })
  appendEvent(db, {
    at,
    noun: 'attempt',
    nounId: String(held.id),
    type: phase,
    data: { promptId: attempt.promptId, ...(fields.reason && { reason: fields.reason }) },
  })
  return attempt
}

/** Notes facts of a running attempt without an event: time that stood still, the state of git before. */
export function noteAttempt(db: Db, held: Held, fields: AttemptFields): Promise<Attempt> {
  return changeAttempt(db, held, columnsOf(fields))
}

/** Ends an attempt once and for all. Throws `conflict` when it ended or changed hands. */
export async function endAttempt(
  db: Db,
  held: Held,
  outcome: AttemptOutcome,
  fields: AttemptFields & { phase?: AttemptPhase },
  now: EpochMs,
): Promise<Attempt> {
  const { phase, ...noted } = fields
  const columns = { ...columnsOf(noted), outcome, ended_at: now, ...(phase && { phase }) }
  const attempt = await changeAttempt(db, held, columns)
  appendEvent(db, {
    at: now,
    noun: 'attempt',
    nounId: String(held.id),
    type: outcome,
    data: { promptId: attempt.promptId, ...(attempt.reason && { reason: attempt.reason }) },
  })
  return attempt
}

const timeColumns: Partial<Record<AttemptPhase, 'typed_at' | 'entered_at' | 'submitted_at'>> = {
  typed: 'typed_at',
  entered: 'entered_at',
  submitted: 'submitted_at',
}
