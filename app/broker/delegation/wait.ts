import type { Clock } from '../../core/clock.ts'
import {
  endStates,
  type Prompt,
  type PromptId,
  type PromptState,
  type SessionName,
} from '../../core/prompt.ts'
import { isSameSession } from '../../core/session-name.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'
import { markAwaited, markTold } from '../../db/prompt/reports.ts'
import type { Db } from '../../db/schema.ts'
import { endsWith } from '../../core/signals.ts'
import { reviewerOf } from './review.ts'

/** While somebody waits, no digest is made of the same ends; after a crash that is so for this long, in ms. */
const awaitedMs = 15_000
/** A notification may be lost: looked at again after this. */
const lookAgainMs = 3_000

export interface Waiting {
  database: Database
  clock: Clock
  /** The session that waits: what it is handed is not told to it again. null: a person or a program. */
  by: SessionName | null
}

/**
 * Waits until one of these prompts has ended, or all of them, and returns those that have, in the order of
 * `ids`. Rejects with the signal's reason; who waited then hears of the ends by a digest after all. Throws
 * `not_found` for a prompt that is not there.
 */
export async function waitFor(
  { database, clock, by }: Waiting,
  ids: readonly PromptId[],
  how: 'one' | 'all',
  signal: AbortSignal,
): Promise<Prompt[]> {
  const wanted = [...new Set(ids)]
  const own = by === null ? [] : await reportedTo(database.kysely, wanted, by)
  let renewAt = 0
  try {
    for (;;) {
      using waking = endsWith(signal)
      const unsubscribe = database.bus.subscribe(waking.end)
      try {
        const ended = await endedOf(database.kysely, wanted)
        if (ended.length === wanted.length || (how === 'one' && ended.length > 0)) {
          await heard(database, ended, own)
          return ended
        }
        signal.throwIfAborted()
        if (own.length > 0 && clock.now() >= renewAt) {
          renewAt = clock.now() + awaitedMs / 3
          await database.write((db) => markAwaited(db, own, clock.now() + awaitedMs))
        }
        await clock.sleep(lookAgainMs, waking.signal)
      } finally {
        unsubscribe()
      }
    }
  } catch (error) {
    if (own.length > 0) await database.write((db) => markAwaited(db, own, null))
    throw error
  }
}

/** What `by` has seen of these results is not told to it again. */
export async function noteHeard(
  database: Database,
  prompts: readonly Prompt[],
  by: SessionName,
): Promise<void> {
  const ids = prompts.filter(({ report }) => report === 'due').map(({ id }) => id)
  const own = await reportedTo(database.kysely, ids, by)
  if (own.length > 0) await database.write((db) => markTold(db, own))
}

async function heard(database: Database, ended: readonly Prompt[], own: readonly PromptId[]) {
  if (own.length === 0) return
  await database.write(async (db) => {
    await markTold(
      db,
      ended.map(({ id }) => id).filter((id) => own.includes(id)),
    )
    await markAwaited(db, own, null)
  })
}

async function reportedTo(db: Db, ids: readonly PromptId[], by: SessionName): Promise<PromptId[]> {
  const own: PromptId[] = []
  for (const id of ids) {
    const reviewer = await reviewerOf(db, await getPrompt(db, id))
    if (reviewer && isSameSession(reviewer, by)) own.push(id)
  }
  return own
}

async function endedOf(db: Db, ids: readonly PromptId[]): Promise<Prompt[]> {
  const prompts = await Promise.all(ids.map((id) => getPrompt(db, id)))
  return prompts.filter(({ state }) => (endStates as readonly PromptState[]).includes(state))
}
