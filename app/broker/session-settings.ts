import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Database } from '../db/open.ts'
import {
  getSessionSettings,
  setSessionSettings,
  type SessionSettings,
  type SettingsChanges,
} from '../db/session-settings.ts'
import { requirePlace } from './hierarchy/settle.ts'
import type { SessionView } from './session-view.ts'

/** What a person changes about how a session is treated; tags are given whole, or some added and taken away. */
export interface SessionChanges extends Pick<
  SettingsChanges,
  'ignored' | 'paused' | 'tier' | 'tags' | 'manager'
> {
  addTags?: string[]
  removeTags?: string[]
  /** A person takes it away from the manager that it has. */
  force?: boolean
}

/** A session by its node and name, which is how settings are kept: they hold for the next one of that name too. */
export interface NamedSession {
  node: string
  name: string
}

export async function changeSession(
  database: Database,
  { node, name }: NamedSession,
  changes: SessionChanges,
  now: EpochMs,
): Promise<SessionSettings> {
  const { addTags = [], removeTags = [], tags, force = false, ...rest } = changes
  const settings = await database.write(async (db) => {
    await requirePlace(db, { node, name }, rest, { force })
    const before = await getSessionSettings(db, node, name)
    const kept = (tags ?? before?.tags ?? []).filter((tag) => !removeTags.includes(tag))
    const after = { ...rest, tags: [...new Set([...kept, ...addTags])] }
    return setSessionSettings(db, { node, name }, after, now)
  })
  await database.bus.notify('sessions')
  return settings
}

/**
 * The session that a person means: one of `rows`, or one whose settings are known from before. Throws
 * `not_found` with the names that are nearest, `conflict` when several machines have one of that name.
 */
export async function findNamedSession(
  database: Database,
  rows: readonly SessionView[],
  here: string,
  wanted: string,
): Promise<NamedSession> {
  const [found, ...others] = rows.filter((row) => isMeant(row, wanted))
  if (found && others.some(({ node, name }) => node !== found.node || name !== found.name)) {
    throw new AppError('conflict', `Several sessions are called "${wanted}"; name the node too: NODE/NAME.`)
  }
  if (found) return { node: found.node, name: found.name }
  const slash = wanted.indexOf('/')
  const name = wanted.slice(slash + 1)
  const node = slash > 0 ? wanted.slice(0, slash) : here
  if (await getSessionSettings(database.kysely, node, name)) return { node, name }
  const names = [...new Set(rows.map((row) => row.name))]
  throw new AppError('not_found', `There is no session "${wanted}". ${nearest(wanted, names)}`)
}

function isMeant({ key, node, name, address, paneId }: SessionView, wanted: string): boolean {
  const names = [name, address, paneId]
  return key === wanted || names.some((known) => known === wanted || `${node}/${known}` === wanted)
}
