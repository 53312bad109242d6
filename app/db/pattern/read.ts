import { AppError } from '../../core/errors.ts'
import type { Conditions, Effect, Pattern, PatternId, PatternState } from '../../core/pattern.ts'
import type { EpochMs } from '../../core/clock.ts'
import { fromJson } from '../columns.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { toPattern } from './row.ts'

/** Throws `not_found`; one that was deleted is still there, for the decisions that name it. */
export async function getPattern(db: Db, id: PatternId): Promise<Pattern> {
  const row = await db.selectFrom('patterns').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no pattern ${id}.`)
  return toPattern(row)
}

/** The newest first, without those that were deleted. */
export async function listPatterns(db: Db, states?: readonly PatternState[]): Promise<Pattern[]> {
  const wanted = states ?? (['draft', 'live', 'off'] as const)
  const rows = await db
    .selectFrom('patterns')
    .selectAll()
    .where('state', 'in', [...wanted])
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toPattern)
}

/** Those that decide. */
export async function livePatterns(db: Db): Promise<Pattern[]> {
  return (await selectLive(db, {})).map(toPattern)
}

const selectLive = compileOnce((db) =>
  db.selectFrom('patterns').selectAll().where('state', '=', 'live').orderBy('id'),
)

/** A pattern as it was in one version. */
export interface PatternVersion {
  version: number
  name: string
  effect: Effect
  conditions: Conditions
  createdBy: string
  createdAt: EpochMs
}

/** Every version that there ever was, the newest first. */
export async function versionsOf(db: Db, id: PatternId): Promise<PatternVersion[]> {
  const rows = await db
    .selectFrom('pattern_versions')
    .selectAll()
    .where('pattern_id', '=', id)
    .orderBy('pattern_version', 'desc')
    .execute()
  return rows.map(({ pattern_version, name, effect, conditions, created_by, created_at }) => ({
    version: pattern_version,
    name,
    effect,
    conditions: fromJson(conditions),
    createdBy: created_by,
    createdAt: created_at,
  }))
}
