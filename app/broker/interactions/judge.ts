import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Ask } from '../../core/interaction.ts'
import type { Decision, PolicyTier } from '../../core/pattern.ts'
import { getPermissions, type Permissions } from '../../db/permissions.ts'
import { livePatterns } from '../../db/pattern/read.ts'
import type { Database } from '../../db/open.ts'
import type { DecisionContext } from '../../patterns/context.ts'
import { decide } from '../../patterns/decide.ts'

/** Where something is asked: what patterns compare besides the question itself. */
export interface AskedWhere {
  cwd: string
  /** null: nobody gave the session a tier. */
  tier: PolicyTier | null
  session: string
  trusted: boolean
}

/** What is asked of the database here, and the folder that nobody may grant anything in. */
export type Store = Pick<Database, 'kysely' | 'dataDir'>

/** What rules and policies say; a test may have its own. */
export type Decide = typeof decide

/** What rules and policies say to something that a session asks; null where nothing may be decided without people. */
export async function judgeAsk(
  { kysely: db, dataDir }: Store,
  ask: Ask,
  where: AskedWhere,
  judge: Decide = decide,
): Promise<Decision | null> {
  const permissions = await getPermissions(db)
  if (!permissions.automatic) return null
  const patterns = await livePatterns(db)
  const { tier, policy } = treatmentOf(where, permissions)
  const decision = judge(ask, contextOf({ ...where, tier }, dataDir), patterns, policy)
  return where.tier === null && permissions.discovered === 'rules_only' ? rulesOnly(decision) : decision
}

/** What a pattern may compare, of a session with a tier. */
export function contextOf(
  { cwd, session, trusted, tier }: AskedWhere & { tier: PolicyTier },
  dataDir: string,
): DecisionContext {
  return {
    cwd,
    session,
    trusted,
    tier,
    projectRoot: projectRootOf(cwd),
    dataDir: resolve(dataDir),
    realPath,
  }
}

/** A session that nobody gave a tier is granted nothing by a policy: it is treated as one that asks for everything. */
function treatmentOf({ tier }: AskedWhere, { policy, discovered }: Permissions) {
  if (tier !== null) return { tier, policy }
  if (discovered === 'as_workers') return { tier: 'worker' as const, policy }
  const tiers = { ...policy.tiers, worker: 'manual' as const }
  return { tier: 'worker' as const, policy: { ...policy, tiers } }
}

/** What the shipped list denies is asked in a session that is not Architect's: its person may well mean it. */
function rulesOnly(decision: Decision): Decision {
  if (decision.effect !== 'deny' || decision.by.kind === 'pattern') return decision
  return {
    ...decision,
    effect: 'ask',
    reason: `${decision.reason} Nobody gave this session a tier, so a person decides.`,
  }
}

/** The nearest folder above with a repository in it; null when there is none. */
function projectRootOf(cwd: string): string | null {
  if (!cwd.startsWith('/')) return null
  for (let folder = cwd; folder !== '/'; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
  }
  return null
}

/** As many links as Linux follows on one path. */
const mostLinks = 40

/**
 * Follows links as far as the path exists. One that leads to nothing is followed, too: who writes to it makes the
 * file that it names. Throws for more links than a system follows.
 */
export function realPath(path: string): string {
  let known = path
  let rest = ''
  for (let links = 0; known !== '/' && known !== '.';) {
    const real = unlessMissing(() => realpathSync(known))
    if (real !== null) return join(real, rest)
    const target = linkAt(known)
    if (target !== null && (links += 1) > mostLinks) throw new Error(`${path} leads over too many links`)
    if (target === null) rest = join(known.slice(dirname(known).length), rest)
    known = target === null ? dirname(known) : resolve(realPath(dirname(known)), target)
  }
  return join(known, rest)
}

/** What a link says; null: it is none. */
function linkAt(path: string): string | null {
  const isLink = unlessMissing(() => lstatSync(path))?.isSymbolicLink() ?? false
  return isLink ? readlinkSync(path) : null
}

function unlessMissing<T>(look: () => T): T | null {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}
