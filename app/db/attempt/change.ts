import { sql, type RawBuilder, type Selectable, type Updateable } from 'kysely'
import type { Attempt } from '../../core/attempt.ts'
import type { Held } from '../../core/queue.ts'
import type { Evidence } from '../../core/session.ts'
import { toJson, toNullableJson } from '../columns.ts'
import { leasesOn } from '../queue/leased.ts'
import type { AttemptRow, Db } from '../schema.ts'
import { toAttempt } from './row.ts'

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
export async function changeAttempt(db: Db, held: Held, columns: Columns): Promise<Attempt> {
  return toAttempt(await attemptLeases.change(db, held, columns))
}

export const attemptLeases = leasesOn<Selectable<AttemptRow>>('attempts', 'Attempt', {
  evidence: moreEvidence,
})

/** Joins two JSON lists as text, without reading the first one. */
function moreEvidence(added: unknown): RawBuilder<unknown> {
  return sql`case when evidence = '[]' then ${added} when length(evidence) > ${sql.lit(maxEvidence)} then evidence
    else substr(evidence, 1, length(evidence) - 1) || ',' || substr(${added}, 2) end`
}
