import type { Selectable } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import { fromJson, toFlag, toJson } from './columns.ts'
import { appendEvent } from './events.ts'
import type { Db, SessionSettingsRow } from './schema.ts'
import { hasName } from './session-name.ts'

/** What people settled about a session; kept by node and name, so that it outlives the session itself. */
export interface SessionSettings {
  node: string
  name: string
  tier: 'high_level' | 'manager' | 'worker' | null
  tags: string[]
  /** Gets no prompts for now. */
  paused: boolean
  /** Is none of our business at all. */
  ignored: boolean
  /** The session that leads this one. */
  manager: string | null
  createdBy: string | null
  /** The agent kind that belongs there, for `setup-sessions`. */
  agent: string | null
  dir: string | null
  updatedAt: EpochMs
}

export type SettingsChanges = Partial<Omit<SessionSettings, 'node' | 'name' | 'updatedAt'>>

/** null: nobody settled anything about this session. */
export async function getSessionSettings(
  db: Db,
  node: string,
  name: string,
): Promise<SessionSettings | null> {
  const row = await db
    .selectFrom('session_settings')
    .selectAll()
    .where('node', '=', node)
    .where('name', '=', name)
    .executeTakeFirst()
  return row ? toSettings(row) : null
}

/** By node and name; `named`: of these only (`hasName`). */
export async function listSessionSettings(
  db: Db,
  filter: { named?: readonly string[] } = {},
): Promise<SessionSettings[]> {
  let query = db.selectFrom('session_settings').selectAll().orderBy('node').orderBy('name')
  if (filter.named) query = query.where(hasName(filter.named))
  return (await query.execute()).map(toSettings)
}

/** Changes what is given and leaves the rest; returns the whole. */
export async function setSessionSettings(
  db: Db,
  { node, name }: { node: string; name: string },
  changes: SettingsChanges,
  now: EpochMs,
): Promise<SessionSettings> {
  const columns = columnsOf(changes, now)
  const row = await db
    .insertInto('session_settings')
    .values({ ...defaults, node, name, ...columns })
    .onConflict((conflict) => conflict.columns(['node', 'name']).doUpdateSet(columns))
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { name, ...changes }
  appendEvent(db, { at: now, noun: 'session', nounId: `${node}/${name}`, type: 'settings', data })
  return toSettings(row)
}

const defaults = {
  tier: null,
  tags: toJson([]),
  paused: toFlag(false),
  ignored: toFlag(false),
  manager: null,
  created_by: null,
  agent: null,
  dir: null,
}

function columnsOf(changes: SettingsChanges, now: EpochMs) {
  const { tags, paused, ignored, createdBy, ...rest } = changes
  return {
    ...rest,
    ...(tags && { tags: toJson(tags) }),
    ...(paused !== undefined && { paused: toFlag(paused) }),
    ...(ignored !== undefined && { ignored: toFlag(ignored) }),
    ...(createdBy !== undefined && { created_by: createdBy }),
    updated_at: now,
  }
}

function toSettings(row: Selectable<SessionSettingsRow>): SessionSettings {
  const { tags, paused, ignored, created_by, updated_at, ...rest } = row
  return {
    ...rest,
    tags: fromJson(tags),
    paused: paused === 1,
    ignored: ignored === 1,
    createdBy: created_by,
    updatedAt: updated_at,
  }
}
