import { randomBytes } from 'node:crypto'
import { sql, type Selectable, type Updateable } from 'kysely'
import type { Attempt, AttemptId, AttemptKind, AttemptOutcome, AttemptPhase } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { PromptId } from '../core/prompt.ts'
import type { Evidence } from '../core/session.ts'
import { fromJson, fromNullableJson, toJson, toNullableJson } from './columns.ts'
import { appendEvent } from './events.ts'
import { compileOnce } from './hot.ts'
import type { AttemptRow, Db } from './schema.ts'

/** Who works on an attempt, and until when that is believed without a sign of life. */
export interface Lease {
  owner: string
  until: EpochMs
}

/** An attempt as its owner knows it: statements of an earlier owner, with a lower epoch, change nothing. */
export interface HeldAttempt {
  id: AttemptId
  leaseEpoch: number
}

/** What may be noted along with a phase or an outcome; `evidence` is added to what is there. */
export type AttemptFields = Partial<
  Pick<
    Attempt,
    | 'reason'
    | 'pausedMs'
    | 'answer'
    | 'answerSource'
    | 'tokensIn'
    | 'tokensOut'
    | 'costUsd'
    | 'conversation'
    | 'gitBefore'
    | 'gitAfter'
    | 'changes'
  >
> & { evidence?: Evidence[] }

/** More evidence than this is not kept, in characters: an attempt of a day would fill an SD card. */
const maxEvidence = 64_000

export async function startAttempt(
  db: Db,
  start: {
    promptId: PromptId
    number: number
    kind: AttemptKind
    session: { sessionKey: string; sessionName: string; agent: string; generation: string }
    lease: Lease
  },
  now: EpochMs,
): Promise<Attempt> {
  const { promptId, number, kind, session, lease } = start
  const [row] = await insertAttempt(db, {
    prompt_id: promptId,
    number,
    kind,
    token: randomBytes(9).toString('hex'),
    session_key: session.sessionKey,
    session_name: session.sessionName,
    agent: session.agent,
    generation: session.generation,
    claimed_at: now,
    lease_owner: lease.owner,
    lease_until: lease.until,
  })
  return toAttempt(row!)
}

/** Notes how far a delivery got, with its time. Throws `conflict` when the attempt ended or changed hands. */
export async function recordPhase(
  db: Db,
  held: HeldAttempt,
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
export function noteAttempt(db: Db, held: HeldAttempt, fields: AttemptFields): Promise<Attempt> {
  return changeAttempt(db, held, columnsOf(fields))
}

/** Ends an attempt once and for all. Throws `conflict` when it ended or changed hands. */
export async function endAttempt(
  db: Db,
  held: HeldAttempt,
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

/** A sign of life for everything that `owner` works on; returns how many attempts that is. */
export async function renewLeases(db: Db, owner: string, until: EpochMs): Promise<number> {
  return (await renew(db, { owner, until })).length
}

/** Makes live attempts of owners whose lease ended ours, with a higher epoch; the oldest first. */
export async function takeOverAttempts(
  db: Db,
  owner: string,
  now: EpochMs,
  until: EpochMs,
): Promise<Attempt[]> {
  const rows = await db
    .updateTable('attempts')
    .set((eb) => ({ lease_owner: owner, lease_until: until, lease_epoch: eb('lease_epoch', '+', 1) }))
    .where('outcome', 'is', null)
    .where('lease_owner', '<>', owner)
    .where('lease_until', '<=', now)
    .returningAll()
    .execute()
  const attempts = rows.map(toAttempt).sort((a, b) => a.id - b.id)
  for (const { id, promptId, leaseEpoch } of attempts) {
    const data = { promptId, leaseEpoch, owner }
    appendEvent(db, { at: now, noun: 'attempt', nounId: String(id), type: 'take_over', data })
  }
  return attempts
}

/** Attempts without an outcome, the oldest first. */
export async function liveAttempts(db: Db, owner?: string): Promise<Attempt[]> {
  let query = db.selectFrom('attempts').selectAll().where('outcome', 'is', null).orderBy('id')
  if (owner !== undefined) query = query.where('lease_owner', '=', owner)
  return (await query.execute()).map(toAttempt)
}

/** All attempts of a prompt, the first one first. */
export async function attemptsOf(db: Db, promptId: PromptId): Promise<Attempt[]> {
  const query = db.selectFrom('attempts').selectAll().where('prompt_id', '=', promptId).orderBy('number')
  return (await query.execute()).map(toAttempt)
}

export async function lastAttempt(db: Db, promptId: PromptId): Promise<Attempt | null> {
  const row = await db
    .selectFrom('attempts')
    .selectAll()
    .where('prompt_id', '=', promptId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? toAttempt(row) : null
}

const timeColumns: Partial<Record<AttemptPhase, 'typed_at' | 'entered_at' | 'submitted_at'>> = {
  typed: 'typed_at',
  entered: 'entered_at',
  submitted: 'submitted_at',
}

type NewAttempt = Pick<
  Selectable<AttemptRow>,
  | 'prompt_id'
  | 'number'
  | 'kind'
  | 'token'
  | 'session_key'
  | 'session_name'
  | 'agent'
  | 'generation'
  | 'claimed_at'
  | 'lease_owner'
  | 'lease_until'
>

const insertAttempt = compileOnce((db, p: NewAttempt) =>
  db
    .insertInto('attempts')
    .values({
      prompt_id: p.prompt_id,
      number: p.number,
      kind: p.kind,
      token: p.token,
      session_key: p.session_key,
      session_name: p.session_name,
      agent: p.agent,
      generation: p.generation,
      phase: sql.lit<AttemptPhase>('claimed'),
      claimed_at: p.claimed_at,
      lease_owner: p.lease_owner,
      lease_until: p.lease_until,
    })
    .returningAll(),
)

type Columns = Omit<Updateable<AttemptRow>, 'id'>

function columnsOf(fields: AttemptFields): Columns {
  const columns: Record<string, unknown> = {}
  for (const [name, column] of plainColumns) if (fields[name] !== undefined) columns[column] = fields[name]
  for (const [name, column] of jsonColumns) {
    if (fields[name] !== undefined) columns[column] = toNullableJson<unknown>(fields[name])
  }
  if (fields.evidence && fields.evidence.length > 0) columns['evidence'] = toJson(fields.evidence)
  return columns
}

const plainColumns = [
  ['reason', 'reason'],
  ['pausedMs', 'paused_ms'],
  ['answer', 'answer'],
  ['answerSource', 'answer_source'],
  ['tokensIn', 'tokens_in'],
  ['tokensOut', 'tokens_out'],
  ['costUsd', 'cost_usd'],
  ['conversation', 'conversation'],
] as const satisfies readonly (readonly [keyof AttemptFields, keyof AttemptRow])[]

const jsonColumns = [
  ['gitBefore', 'git_before'],
  ['gitAfter', 'git_after'],
  ['changes', 'changes'],
] as const satisfies readonly (readonly [keyof AttemptFields, keyof AttemptRow])[]

async function changeAttempt(db: Db, held: HeldAttempt, columns: Columns): Promise<Attempt> {
  const change = changeStatement(Object.keys(columns) as (keyof Columns)[])
  const [row] = await change(db, { ...columns, id: held.id, leaseEpoch: held.leaseEpoch })
  if (!row) throw await refusal(db, held)
  return toAttempt(row)
}

type ChangeParameters = Columns & HeldAttempt

/** One compiled statement per set of changed columns: about a dozen in practice. */
const changeStatements = new Map<string, ReturnType<typeof compileChange>>()

function changeStatement(columns: (keyof Columns)[]) {
  const key = columns.join(' ')
  const known = changeStatements.get(key)
  if (known) return known
  const made = compileChange(columns)
  changeStatements.set(key, made)
  return made
}

function compileChange(columns: (keyof Columns)[]) {
  return compileOnce((db, p: ChangeParameters) =>
    db
      .updateTable('attempts')
      .set(
        Object.fromEntries(
          columns.map((column) => [column, column === 'evidence' ? moreEvidence(p[column]) : p[column]]),
        ),
      )
      // An attempt that ends without a field to note still needs a column to set.
      .set((eb) => ({ lease_epoch: eb.ref('lease_epoch') }))
      .where('id', '=', p.id)
      .where('lease_epoch', '=', p.leaseEpoch)
      .where('outcome', 'is', null)
      .returningAll(),
  )
}

/** Joins two JSON lists as text, without reading the first one. */
function moreEvidence(added: unknown) {
  return sql`case when evidence = '[]' then ${added} when length(evidence) > ${sql.lit(maxEvidence)} then evidence
    else substr(evidence, 1, length(evidence) - 1) || ',' || substr(${added}, 2) end`
}

async function refusal(db: Db, { id, leaseEpoch }: HeldAttempt): Promise<AppError> {
  const row = await db.selectFrom('attempts').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) return new AppError('not_found', `There is no attempt ${id}.`)
  if (row.outcome !== null) return new AppError('conflict', `Attempt ${id} is over: ${row.outcome}.`)
  return new AppError(
    'conflict',
    `Attempt ${id} belongs to ${row.lease_owner} now (lease ${row.lease_epoch}, not ${leaseEpoch}).`,
  )
}

const renew = compileOnce((db, p: Lease) =>
  db
    .updateTable('attempts')
    .set({ lease_until: p.until })
    .where('lease_owner', '=', p.owner)
    .where('outcome', 'is', null)
    .returning('id'),
)

function toAttempt(row: Selectable<AttemptRow>): Attempt {
  return {
    id: row.id,
    promptId: row.prompt_id,
    number: row.number,
    kind: row.kind,
    token: row.token,
    sessionKey: row.session_key,
    sessionName: row.session_name,
    agent: row.agent,
    generation: row.generation,
    phase: row.phase,
    outcome: row.outcome,
    reason: row.reason,
    claimedAt: row.claimed_at,
    typedAt: row.typed_at,
    enteredAt: row.entered_at,
    submittedAt: row.submitted_at,
    endedAt: row.ended_at,
    pausedMs: row.paused_ms,
    leaseOwner: row.lease_owner,
    leaseEpoch: row.lease_epoch,
    leaseUntil: row.lease_until,
    evidence: fromJson(row.evidence),
    answer: row.answer,
    answerSource: row.answer_source,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
    costUsd: row.cost_usd,
    conversation: row.conversation,
    gitBefore: fromNullableJson(row.git_before),
    gitAfter: fromNullableJson(row.git_after),
    changes: fromNullableJson(row.changes),
  }
}
