import { sql } from 'kysely'
import { errorLimits, type ErrorId, type SampleKind } from '../../core/reported-error.ts'
import { toJson, type Json } from '../columns.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import type { ErrorOccurrence } from './record.ts'

/**
 * Keeps the first occurrence of a group, the latest, and the first of each other shape of stack, up to a limit:
 * a million of one kind take the room of ten.
 */
export async function keepSamples(
  db: Db,
  groupId: ErrorId,
  occurrences: readonly ErrorOccurrence[],
  keepsLatest: boolean,
): Promise<void> {
  const known = new Set((await selectShapes(db, { groupId })).map(({ shape }) => shape))
  let [first, ...rest] = occurrences
  if (known.size === 0 && first) {
    known.add(first.shape)
    await keep(db, groupId, 'first', first)
  } else rest = [...occurrences]
  for (const occurrence of rest) {
    if (known.has(occurrence.shape) || known.size > errorLimits.rareSamples) continue
    known.add(occurrence.shape)
    await keep(db, groupId, 'rare', occurrence)
  }
  const latest = rest.at(-1)
  if (latest && keepsLatest) await keep(db, groupId, 'latest', latest)
}

async function keep(db: Db, groupId: ErrorId, kind: SampleKind, occurrence: ErrorOccurrence): Promise<void> {
  const { at, node, session, message, shape } = occurrence
  const { stack, metadata } = occurrence.sample()
  const row = { at, node, session, message, stack, metadata: toJson(metadata) }
  await upsertSample(db, { ...row, groupId, kind, shape: kind === 'latest' ? '' : shape })
}

const selectShapes = compileOnce((db, p: { groupId: ErrorId }) =>
  db
    .selectFrom('error_samples')
    .select('shape')
    .where('group_id', '=', p.groupId)
    .where('kind', '<>', 'latest'),
)

interface NewSampleRow {
  groupId: ErrorId
  kind: SampleKind
  shape: string
  at: number
  node: string
  session: string | null
  message: string
  stack: string | null
  metadata: Json<Record<string, unknown>>
}

const upsertSample = compileOnce((db, p: NewSampleRow) =>
  db
    .insertInto('error_samples')
    .values({
      group_id: p.groupId,
      kind: p.kind,
      shape: p.shape,
      at: p.at,
      node: p.node,
      session: p.session,
      message: p.message,
      stack: p.stack,
      metadata: p.metadata,
    })
    .onConflict((conflict) =>
      conflict.columns(['group_id', 'kind', 'shape']).doUpdateSet({
        at: sql<number>`excluded.at`,
        node: sql<string>`excluded.node`,
        session: sql<string>`excluded.session`,
        message: sql<string>`excluded.message`,
        stack: sql<string>`excluded.stack`,
        metadata: sql<Json<Record<string, unknown>>>`excluded.metadata`,
      }),
    ),
)
