import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import {
  suggestionEvents,
  usuallyBecomes,
  type Suggested,
  type Suggestion,
  type SuggestionEvent,
  type SuggestionId,
  type SuggestionSource,
  type SuggestionState,
  type SuggestionTarget,
} from '../../core/suggestion.ts'
import { appendEvent } from '../events.ts'
import type { Db, SuggestionRow } from '../schema.ts'

export interface SuggestionFilter {
  states?: readonly SuggestionState[]
  sources?: readonly SuggestionSource[]
}

/** The most urgent first, then the oldest. */
export async function listSuggestions(
  db: Db,
  { states, sources }: SuggestionFilter,
  slice: { limit: number; offset: number },
): Promise<Suggestion[]> {
  const rows = await db
    .selectFrom('suggestions')
    .selectAll()
    .$if(states !== undefined, (query) => query.where('state', 'in', [...states!]))
    .$if(sources !== undefined, (query) => query.where('source', 'in', [...sources!]))
    .orderBy('priority', 'desc')
    .orderBy('id')
    .limit(slice.limit)
    .offset(slice.offset)
    .execute()
  return rows.map(toSuggestion)
}

export async function countSuggestions(db: Db): Promise<Partial<Record<SuggestionState, number>>> {
  const rows = await db
    .selectFrom('suggestions')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

/** Throws `not_found`. */
export async function getSuggestion(db: Db, id: SuggestionId): Promise<Suggestion> {
  const row = await db.selectFrom('suggestions').selectAll().where('id', '=', id).executeTakeFirst()
  if (row) return toSuggestion(row)
  throw new AppError('not_found', `There is no suggestion ${id}. See which there are at /suggestions.`)
}

export interface Kept {
  added: number
  returned: number
  withdrawn: number
}

/**
 * Takes what is suggested now, of the sources that were looked at: what is new is added, what is known gets its
 * present words, what was withdrawn or completed returns with its reason, and what has no reason any more is
 * withdrawn. What was skipped stays skipped.
 */
export async function keepSuggestions(
  db: Db,
  suggested: readonly Suggested[],
  sources: readonly SuggestionSource[],
  now: EpochMs,
): Promise<Kept> {
  if (sources.length === 0) return { added: 0, returned: 0, withdrawn: 0 }
  const known = await db
    .selectFrom('suggestions')
    .selectAll()
    .where('source', 'in', [...sources])
    .execute()
  const byKey = new Map(known.map((row) => [row.key, row]))
  const kept = { added: 0, returned: 0, withdrawn: 0 }
  for (const each of suggested) {
    const row = byKey.get(each.key)
    byKey.delete(each.key)
    if (!row) kept.added += await insert(db, each, now)
    else if (await renew(db, row, each, now)) kept.returned += 1
  }
  const gone = [...byKey.values()].filter(({ state }) => state === 'pending')
  for (const { id } of gone) await move(db, id, 'withdraw', null, now)
  return { ...kept, withdrawn: gone.length }
}

/** Throws `not_found`, and `conflict` when it is not in a state for it. */
export async function advanceSuggestion(
  db: Db,
  id: SuggestionId,
  event: Exclude<SuggestionEvent, 'withdraw' | 'return'>,
  { by, now, became }: { by: string; now: EpochMs; became?: SuggestionTarget },
): Promise<Suggestion> {
  const moved = await move(db, id, event, by, now, became)
  const suggestion = await getSuggestion(db, id)
  if (!moved)
    throw new AppError('conflict', `Cannot ${event} suggestion ${id}: it is ${suggestion.state} already.`)
  const { title: name } = suggestion
  appendEvent(db, {
    at: now,
    noun: 'suggestion',
    nounId: String(id),
    type: event,
    data: { name, ...(became && { became }) },
  })
  return suggestion
}

/** What it has become. */
export async function setBecame(db: Db, id: SuggestionId, becameId: number): Promise<void> {
  await db.updateTable('suggestions').set({ became_id: becameId }).where('id', '=', id).execute()
}

async function insert(db: Db, suggested: Suggested, now: EpochMs): Promise<number> {
  const row = await db
    .insertInto('suggestions')
    .values({
      ...columnsOf(suggested),
      key: suggested.key,
      source: suggested.source,
      state: 'pending',
      created_at: now,
      changed_at: now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row ? 1 : 0
}

/** Whether it returned. */
async function renew(
  db: Db,
  row: Selectable<SuggestionRow>,
  suggested: Suggested,
  now: EpochMs,
): Promise<boolean> {
  const { id, state, changed_at: changedAt } = row
  const shows = suggested.sightedAt !== null && suggested.sightedAt > changedAt
  const returns = state === 'withdrawn' || (state === 'completed' && shows)
  if (returns) await move(db, id, 'return', null, now)
  if (returns || state === 'pending') {
    await db.updateTable('suggestions').set(columnsOf(suggested)).where('id', '=', id).execute()
  }
  return returns
}

async function move(
  db: Db,
  id: SuggestionId,
  event: SuggestionEvent,
  by: string | null,
  now: EpochMs,
  became?: SuggestionTarget,
): Promise<boolean> {
  const { from, to } = suggestionEvents[event]
  const forgets = event === 'return' ? { became: null, became_id: null } : {}
  const row = await db
    .updateTable('suggestions')
    .set({ state: to, changed_at: now, changed_by: by, ...forgets, ...(became && { became }) })
    .where('id', '=', id)
    .where('state', 'in', [...from])
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

function columnsOf({ title, description, priority, projectId, ref, sightedAt }: Suggested) {
  return { title, description, priority, project_id: projectId, ref, sighted_at: sightedAt }
}

function toSuggestion(row: Selectable<SuggestionRow>): Suggestion {
  return {
    id: row.id,
    key: row.key,
    source: row.source,
    state: row.state,
    title: row.title,
    description: row.description,
    priority: row.priority,
    projectId: row.project_id,
    ref: row.ref,
    sightedAt: row.sighted_at,
    suggestedAs: usuallyBecomes[row.source],
    became: row.became,
    becameId: row.became_id,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
  }
}
