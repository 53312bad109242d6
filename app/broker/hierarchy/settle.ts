import { sql } from 'kysely'
import { AppError } from '../../core/errors.ts'
import { tiers, type Member, type Tier } from '../../core/hierarchy.ts'
import type { SessionName } from '../../core/prompt.ts'
import { isSameSession } from '../../core/session-name.ts'
import { dialectOf } from '../../db/dialect.ts'
import type { Db } from '../../db/schema.ts'
import { listMembers, managerNamed, memberNamed } from './members.ts'

/** What is to be so; what is not given stays. `manager` null: nobody leads it. */
export interface Place {
  tier?: Tier | null | undefined
  /** `NAME`, or `NODE/NAME` on another machine. */
  manager?: string | null | undefined
}

/**
 * Checks that a session may take this place: who leads stands higher than who is led, so that no circle can
 * come about, and nobody takes a session away from its manager unasked. Throws `conflict` with what to do.
 * Belongs into the write that stores the place; others that check meanwhile wait for its end.
 */
export async function requirePlace(
  db: Db,
  session: SessionName,
  place: Place,
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  if (place.tier === undefined && place.manager === undefined) return
  await beAlone(db)
  const members = await listMembers(db)
  const now = memberNamed(members, session)
  const after: Member = {
    ...now,
    ...(place.tier !== undefined && { tier: place.tier ?? 'worker' }),
    ...(place.manager !== undefined && { manager: namedManager(place.manager, session) }),
  }
  requireFree(now, after, force)
  requireHigher(after, members)
  requireStillLeads(after, members)
}

function namedManager(text: string | null, { node }: SessionName) {
  return text === null ? null : managerNamed(text, node)
}

/** Two managers that claim the same session: the second is refused, whoever was first. */
function requireFree(now: Member, after: Member, force: boolean) {
  if (force || now.manager === null || after.manager === null) return
  if (isSameSession(now.manager, after.manager)) return
  throw new AppError(
    'conflict',
    `${now.name} belongs to manager ${now.manager.name} already. Release it first (--manager none), or use --force.`,
  )
}

function requireHigher({ name, node, tier, manager }: Member, members: readonly Member[]) {
  if (manager === null) return
  if (isSameSession(manager, { node, name })) throw new AppError('conflict', `${name} can't lead itself.`)
  const leader = members.find((member) => isSameSession(member, manager))
  // Its place may be settled later: setup-sessions goes through a file from top to bottom.
  if (!leader || rank(leader.tier) < rank(tier)) return
  throw new AppError(
    'conflict',
    `${leader.name} is a ${leader.tier} and can't lead ${name}, which is a ${tier}: who leads stands higher. ` +
      `Make it a ${tiers[Math.max(0, rank(tier) - 1)]} first (--tier).`,
  )
}

function requireStillLeads({ name, node, tier }: Member, members: readonly Member[]) {
  const led = members.filter(({ manager }) => manager && isSameSession(manager, { node, name }))
  const higher = led.filter((member) => rank(member.tier) <= rank(tier))
  if (higher.length === 0) return
  const names = higher.map((member) => member.name).join(', ')
  throw new AppError(
    'conflict',
    `${name} leads ${names}, so it can't become a ${tier}. Give them another manager first.`,
  )
}

function rank(tier: Tier): number {
  return tiers.indexOf(tier)
}

/** On SQLite whoever writes is alone anyway. */
async function beAlone(db: Db) {
  if (dialectOf(db) === 'postgres') await sql`select pg_advisory_xact_lock(${placeLock})`.execute(db)
}

/** Any number that nothing else in this database locks. */
const placeLock = 4_707_007
