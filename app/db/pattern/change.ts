import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { InteractionId } from '../../core/interaction.ts'
import {
  patternEvents,
  type NewPattern,
  type Pattern,
  type PatternEvent,
  type PatternId,
} from '../../core/pattern.ts'
import { toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { getPattern } from './read.ts'
import { toPattern } from './row.ts'

/** Where a pattern comes from. */
export interface Origin {
  createdBy: string
  madeFrom: InteractionId | null
}

/** Stores a rule as a draft: it decides nothing before somebody enables it. */
export async function createPattern(
  db: Db,
  rule: NewPattern,
  origin: Origin,
  now: EpochMs,
): Promise<Pattern> {
  const { name, effect, conditions, note = '' } = rule
  const { createdBy, madeFrom } = origin
  const row = await db
    .insertInto('patterns')
    .values({
      state: 'draft',
      pattern_version: 1,
      name,
      effect,
      conditions: toJson(conditions),
      note,
      made_from: madeFrom,
      created_by: createdBy,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const pattern = toPattern(row)
  await keepVersion(db, pattern, createdBy, now)
  tell(db, pattern, 'create', { effect, conditions }, now)
  return pattern
}

/**
 * Gives a rule other words, as its next version; it is a draft again. With `version`, only what was looked at.
 * Throws `conflict` when it was deleted, or is another version.
 */
export async function editPattern(
  db: Db,
  id: PatternId,
  rule: NewPattern & { version?: number | undefined },
  by: string,
  now: EpochMs,
): Promise<Pattern> {
  const { name, effect, conditions, note = '', version } = rule
  const { from, to } = patternEvents.edit
  let query = db
    .updateTable('patterns')
    .set((eb) => ({
      name,
      effect,
      conditions: toJson(conditions),
      note,
      state: to,
      pattern_version: eb('pattern_version', '+', 1),
      updated_at: now,
    }))
    .where('id', '=', id)
    .where('state', 'in', [...from])
  if (version !== undefined) query = query.where('pattern_version', '=', version)
  const row = await query.returningAll().executeTakeFirst()
  if (!row) throw await refusal(db, id, 'edit')
  const pattern = toPattern(row)
  await keepVersion(db, pattern, by, now)
  tell(db, pattern, 'edit', { effect, conditions }, now)
  return pattern
}

/**
 * Switches a rule on or off, or deletes it. With `version`, only that one: what a person has looked at is what
 * goes live. Throws `conflict` when the rule's state, or its version, is another one.
 */
export async function advancePattern(
  db: Db,
  id: PatternId,
  event: Exclude<PatternEvent, 'edit'>,
  now: EpochMs,
  version?: number,
): Promise<Pattern> {
  const { from, to } = patternEvents[event]
  let query = db
    .updateTable('patterns')
    .set({ state: to, updated_at: now })
    .where('id', '=', id)
    .where('state', 'in', [...from])
  if (version !== undefined) query = query.where('pattern_version', '=', version)
  const row = await query.returningAll().executeTakeFirst()
  if (!row) throw await refusal(db, id, event)
  const pattern = toPattern(row)
  tell(db, pattern, event, {}, now)
  return pattern
}

async function keepVersion(
  db: Db,
  { id, version, name, effect, conditions }: Pattern,
  by: string,
  now: EpochMs,
) {
  await db
    .insertInto('pattern_versions')
    .values({
      pattern_id: id,
      pattern_version: version,
      name,
      effect,
      conditions: toJson(conditions),
      created_by: by,
      created_at: now,
    })
    .execute()
}

function tell(db: Db, { id, name, version, state }: Pattern, type: string, more: object, now: EpochMs) {
  const data = { name, version, state, ...more }
  appendEvent(db, { at: now, noun: 'pattern', nounId: String(id), type, data })
}

async function refusal(db: Db, id: PatternId, event: PatternEvent): Promise<AppError> {
  const { state, version } = await getPattern(db, id)
  const can = (patternEvents[event].from as readonly string[]).includes(state)
  const why = can
    ? `it has changed meanwhile (it is version ${version} now); look at it again`
    : `it is ${state}`
  return new AppError('conflict', `Cannot ${event} pattern ${id}: ${why}.`)
}
