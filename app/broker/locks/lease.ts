import type { EpochMs } from '../../core/clock.ts'
import { goneGraceMs, unknownSessionMs, type Lock } from '../../core/lock.ts'
import { listLocks } from '../../db/lock/read.ts'
import { noteSession, removeLock } from '../../db/lock/write.ts'
import type { Database } from '../../db/open.ts'
import { listSessions, type StoredSession } from '../../db/sessions.ts'

/**
 * A lock ends with its session: when that is gone, or another agent runs in its place, for longer than the grace.
 * One whose session nobody has seen is bound to the first that comes under its name, or ends after a day.
 */
export async function endStaleLocks(database: Database, now: EpochMs): Promise<void> {
  const locks = await listLocks(database.kysely)
  if (locks.length === 0) return
  const sessions = await listSessions(database.kysely)
  for (const lock of locks) await tend(database, lock, sessions, now)
}

async function tend(database: Database, lock: Lock, sessions: readonly StoredSession[], now: EpochMs) {
  const { id, missingSince, changedAt } = lock
  if (lock.sessionKey === null) {
    const [found, ...others] = sessions.filter(
      ({ node, name }) => node === lock.node && name === lock.session,
    )
    if (found && others.length === 0) {
      const seen = { sessionKey: found.key, generation: found.generation, missingSince: null }
      return database.write((db) => noteSession(db, id, seen))
    }
    if (now - changedAt >= unknownSessionMs)
      await end(database, lock, 'nobody has seen its session for a day', now)
    return
  }
  const isThere = sessions.some(
    ({ key, generation }) => key === lock.sessionKey && generation === lock.generation,
  )
  if (isThere && missingSince === null) return
  if (isThere || missingSince === null) {
    const { sessionKey, generation } = lock
    const seen = { sessionKey, generation, missingSince: isThere ? null : now }
    return database.write((db) => noteSession(db, id, seen))
  }
  if (now - missingSince >= goneGraceMs) await end(database, lock, 'its session is gone', now)
}

async function end(database: Database, lock: Lock, reason: string, now: EpochMs) {
  await database.write((db) => removeLock(db, lock, reason, now))
}
