import { sql, type Updateable } from 'kysely'
import type { Attempt, AttemptId } from '../../core/attempt.ts'
import { AppError } from '../../core/errors.ts'
import type { Evidence } from '../../core/session.ts'
import { toJson, toNullableJson } from '../columns.ts'
import { compileOnce } from '../hot.ts'
import type { AttemptRow, Db } from '../schema.ts'
import { toAttempt } from './row.ts'

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

type Columns = Omit<Updateable<AttemptRow>, 'id'>

export function columnsOf(fields: AttemptFields): Columns {
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

/** One statement, which changes nothing when the attempt ended or changed hands: then it throws `conflict`. */
export async function changeAttempt(db: Db, held: HeldAttempt, columns: Columns): Promise<Attempt> {
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
