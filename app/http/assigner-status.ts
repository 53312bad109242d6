import type { PromptState } from '../core/prompt.ts'
import { sessionStates, type SessionState } from '../core/session.ts'
import { getControls } from '../db/controls.ts'
import { latestCursor } from '../db/events.ts'
import { oldestWaiting } from '../db/figures.ts'
import { promptCounts } from '../db/prompts.ts'
import { listPromptSummaries, type PromptSummary } from '../db/prompt/summary.ts'
import { countSessions } from '../db/sessions.ts'
import { toJson } from '../json.ts'
import { assignerInstance } from './assigner-runs.ts'
import { Prepared } from './prepared.ts'
import { packageVersion } from '../version.ts'
import type { Config } from '../config.ts'
import type { Web } from './web.ts'

type Status = Awaited<ReturnType<typeof gather>>

/** Enough to show; more of them are counted anyway. */
const shownPrompts = 50

/**
 * The answer of `GET /api/assigner/status`. Everything in it changes only with an event, but for the assigner
 * itself; so it is made anew when the log has grown or the assigner has come or gone. On SQLite the log is not
 * even asked while nobody told of a commit; PostgreSQL tells of our own commits later than we answer for them.
 */
export async function assignerStatus(web: Web): Promise<Prepared<Status>> {
  const known = keptFor(web)
  if (known.reply && isTrusted(known, web)) return known.reply
  const askedAt = performance.now()
  known.hasNews = false
  known.asking += 1
  try {
    return await refreshed(known, web)
  } finally {
    known.asking -= 1
    known.checkedAt = askedAt
  }
}

/** While somebody else asks, the answer may be older than what this one knows already. */
function isTrusted({ hasNews, asking, checkedAt }: Kept, { database }: Web): boolean {
  const isFresh = performance.now() - checkedAt < trustedMs
  return database.dialect === 'sqlite' && isFresh && !hasNews && asking === 0
}

async function refreshed(known: Kept, web: Web): Promise<Prepared<Status>> {
  const cursor = await latestCursor(web.database.kysely)
  const pid = assignerInstance(web)?.pid
  if (known.reply && known.cursor === cursor && known.pid === pid) return known.reply
  const reply = new Prepared(await gather(web, cursor))
  if (cursor >= known.cursor) Object.assign(known, { cursor, pid, reply })
  return reply
}

/** A notification of another process may be lost: the log is asked after this in any case. */
const trustedMs = 100

interface Kept {
  reply: Prepared<Status> | null
  cursor: number
  pid: number | undefined
  /** `performance.now()` */
  checkedAt: number
  asking: number
  hasNews: boolean
}

function keptFor({ config, database }: Web): Kept {
  const known = kept.get(config)
  if (known) return known
  const made: Kept = { reply: null, cursor: 0, pid: undefined, checkedAt: 0, asking: 0, hasNews: true }
  kept.set(config, made)
  database.bus.subscribe(() => (made.hasNews = true))
  return made
}

const kept = new WeakMap<Config, Kept>()

async function gather(web: Web, cursor: number) {
  const db = web.database.kysely
  const instance = assignerInstance(web)
  const [controls, stats, sessions, running, attention, oldest] = await Promise.all([
    getControls(db),
    promptCounts(db),
    countSessions(db),
    listPromptSummaries(db, { states: active, limit: shownPrompts }),
    listPromptSummaries(db, { attention: true, limit: shownPrompts }),
    oldestWaiting(db),
  ])
  return {
    success: true as const,
    cursor,
    assigner: {
      running: instance !== null,
      pid: instance?.pid ?? null,
      started_at: instance?.startedAt ?? null,
      version: instance?.version ?? null,
    },
    dashboard: { pid: process.pid, started_at: web.startedAt, version: packageVersion() },
    controls: toJson(controls),
    stats,
    sessions: { ...noSessions, ...sessions },
    active_assignments: running.map(assignment),
    attention: attention.map(assignment),
    oldest_waiting_since: oldest,
  }
}

const active: PromptState[] = ['assigned', 'in_progress', 'restarting']

const noSessions = Object.fromEntries(sessionStates.map((state) => [state, 0])) as Record<
  SessionState,
  number
>

function assignment({ id, state, sessionName, priority, startedAt, beginning, attention }: PromptSummary) {
  return {
    prompt_id: id,
    state,
    session: sessionName,
    priority,
    started_at: startedAt,
    content: beginning,
    attention,
  }
}
