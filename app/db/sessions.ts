import { sql, type Selectable } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import type { PastState } from '../core/fleet.ts'
import { nodeOf, paneOf } from '../core/host.ts'
import type { PromptId } from '../core/prompt.ts'
import type { SessionState } from '../core/session.ts'
import { toFlag } from './columns.ts'
import { appendEvent } from './events.ts'
import type { Db, SessionRow } from './schema.ts'
import { hasName } from './session-name.ts'

export { getSessionSettings, listSessionSettings, setSessionSettings } from './session-settings.ts'

/** A session as it was last seen, for everybody who doesn't watch tmux. */
export interface StoredSession {
  /** `node/server/%7`. */
  key: string
  node: string
  server: string
  paneId: string
  /** tmux's session name. */
  name: string
  /** `session:window.pane`. */
  address: string
  agent: string | null
  version: string | null
  generation: string | null
  state: SessionState
  /** Since when the state is what it is. */
  since: EpochMs
  acceptsPrompt: boolean
  draft: boolean
  trusted: boolean
  limitedUntil: EpochMs | null
  cwd: string
  title: string
  /** The rule that decided: `claude/idle`. */
  rule: string
  /** When a person last pressed a key there. */
  typedAt: EpochMs | null
  /** The prompt that it works on. */
  promptId: PromptId | null
  seenAt: EpochMs
}

/** Stores how a session was seen. A new state, or another agent in the same pane, makes an event. */
export async function saveSession(db: Db, session: StoredSession): Promise<void> {
  const before = await db
    .selectFrom('sessions')
    .select(['state', 'generation'])
    .where('key', '=', session.key)
    .executeTakeFirst()
  const row = toRow(session)
  await db
    .insertInto('sessions')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
  if (before?.state === session.state && before.generation === session.generation) return
  const { name, state, agent, rule } = session
  const data = { from: before?.state ?? null, state, name, agent, rule }
  appendEvent(db, { at: session.seenAt, noun: 'session', nounId: session.key, type: 'state', data })
}

/** Notes a state that a session was in while its node was not heard. Told again, it is noted once. */
export async function notePastState(db: Db, past: PastState): Promise<void> {
  const { key, at, generation, state, name, agent, rule } = past
  const before = await db
    .selectFrom('sessions')
    .select(['state', 'generation', 'since'])
    .where('key', '=', key)
    .executeTakeFirst()
  if (before && before.since >= at) return
  if (before?.state === state && before.generation === generation) return
  if (state === 'gone') return markGone(db, key, at)
  const changed = { state, since: at, generation }
  if (before) await db.updateTable('sessions').set(changed).where('key', '=', key).execute()
  else
    await db
      .insertInto('sessions')
      .values(toRow(firstSeen(past)))
      .execute()
  const data = { from: before?.state ?? null, state, name, agent, rule }
  appendEvent(db, { at, noun: 'session', nounId: key, type: 'state', data })
}

/** As much as is known of a session before its node says how it is now. */
function firstSeen({ key, at, ...past }: PastState): StoredSession {
  return {
    ...past,
    ...paneOf(key),
    key,
    node: nodeOf(key),
    address: past.name,
    version: null,
    since: at,
    acceptsPrompt: false,
    draft: false,
    trusted: true,
    limitedUntil: null,
    cwd: '',
    title: '',
    typedAt: null,
    promptId: null,
    seenAt: at,
  }
}

/** Notes that a session's pane or agent is gone; its row stays for a while, for people who look back. */
export async function markGone(db: Db, key: string, now: EpochMs): Promise<void> {
  const row = await db
    .updateTable('sessions')
    .set({ state: 'gone', since: now, accepts_prompt: 0, draft: 0, prompt_id: null, limited_until: null })
    .where('key', '=', key)
    .where('state', '<>', 'gone')
    .returning('name')
    .executeTakeFirst()
  if (!row) return
  const data = { state: 'gone', name: row.name }
  appendEvent(db, { at: now, noun: 'session', nounId: key, type: 'state', data })
}

/** Sessions that are there, by node and address; those that are gone as well when asked for. `named`: `hasName`. */
export async function listSessions(
  db: Db,
  filter: { gone?: boolean; node?: string; named?: readonly string[] } = {},
): Promise<StoredSession[]> {
  let query = db.selectFrom('sessions').selectAll().orderBy('node').orderBy('address').orderBy('key')
  if (!filter.gone) query = query.where('state', '<>', 'gone')
  if (filter.node !== undefined) query = query.where('node', '=', filter.node)
  if (filter.named) query = query.where(hasName(filter.named))
  return (await query.execute()).map(toSession)
}

/** How many sessions are in each state; states without any are left out, and so are sessions that are gone. */
export async function countSessions(db: Db): Promise<Partial<Record<SessionState, number>>> {
  const rows = await db
    .selectFrom('sessions')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .where('state', '<>', 'gone')
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

/** How many there are on each of these nodes; a node without any is left out. */
export async function countSessionsByNode(db: Db, nodes: readonly string[]): Promise<Map<string, number>> {
  if (nodes.length === 0) return new Map()
  const rows = await db
    .selectFrom('sessions')
    .select((eb) => ['node', eb.fn.countAll<number>().as('count')])
    .where('node', 'in', [...nodes])
    .where('state', '<>', 'gone')
    .groupBy('node')
    .execute()
  return new Map(rows.map(({ node, count }) => [node, count]))
}

/**
 * The sessions that a person may mean: `NAME`, `NAME:WINDOW.PANE`, `%7`, each also as `NODE/…`, or the key.
 * More than one where several agents run in one tmux session.
 */
export async function findSessions(db: Db, nameOrAddress: string): Promise<StoredSession[]> {
  const rows = await db
    .selectFrom('sessions')
    .selectAll()
    .where('state', '<>', 'gone')
    .where((eb) =>
      eb.or([
        eb('key', '=', nameOrAddress),
        ...(['name', 'address', 'pane_id'] as const).flatMap((column) => [
          eb(column, '=', nameOrAddress),
          eb(sql<string>`node || '/' || ${sql.ref(column)}`, '=', nameOrAddress),
        ]),
      ]),
    )
    .orderBy('node')
    .orderBy('address')
    .orderBy('key')
    .execute()
  return rows.map(toSession)
}

function toRow(session: StoredSession): Selectable<SessionRow> {
  const { paneId, acceptsPrompt, draft, trusted, limitedUntil, typedAt, promptId, seenAt, ...rest } = session
  return {
    ...rest,
    pane_id: paneId,
    accepts_prompt: toFlag(acceptsPrompt),
    draft: toFlag(draft),
    trusted: toFlag(trusted),
    limited_until: limitedUntil,
    typed_at: typedAt,
    prompt_id: promptId,
    seen_at: seenAt,
  }
}

// Named one by one: a spread copies the rest of such a wide row slowly, and a page has hundreds of them.
function toSession(row: Selectable<SessionRow>): StoredSession {
  return {
    key: row.key,
    node: row.node,
    server: row.server,
    paneId: row.pane_id,
    name: row.name,
    address: row.address,
    agent: row.agent,
    version: row.version,
    generation: row.generation,
    state: row.state,
    since: row.since,
    acceptsPrompt: row.accepts_prompt === 1,
    draft: row.draft === 1,
    trusted: row.trusted === 1,
    limitedUntil: row.limited_until,
    cwd: row.cwd,
    title: row.title,
    rule: row.rule,
    typedAt: row.typed_at,
    promptId: row.prompt_id,
    seenAt: row.seen_at,
  }
}
