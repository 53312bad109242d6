import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Ask } from '../../core/interaction.ts'
import type { Decision, Pattern, Policy, PolicyTier } from '../../core/pattern.ts'
import { getPermissions, type Permissions } from '../../db/permissions.ts'
import { livePatterns } from '../../db/pattern/read.ts'
import type { Db } from '../../db/schema.ts'

/** Where something is asked: what patterns compare besides the question itself. */
export interface AskedWhere {
  cwd: string
  /** null: nobody gave the session a tier. */
  tier: PolicyTier | null
  session: string
  trusted: boolean
}

/** `app/patterns/decide.ts`; what it needs besides what is asked. */
export type Decide = (
  ask: Ask,
  context: {
    cwd: string
    projectRoot: string | null
    tier: PolicyTier
    session: string
    trusted: boolean
    realPath?: (path: string) => string
  },
  patterns: Pattern[],
  policy: Policy,
) => Decision

/** What rules and policies say to something that a session asks; null where nothing may be decided without people. */
export async function judgeAsk(
  db: Db,
  decide: Decide,
  ask: Ask,
  where: AskedWhere,
): Promise<Decision | null> {
  const permissions = await getPermissions(db)
  if (!permissions.automatic) return null
  const patterns = await livePatterns(db)
  const { tier, policy } = treatmentOf(where, permissions)
  const { cwd, session, trusted } = where
  const context = { cwd, session, trusted, tier, projectRoot: projectRootOf(cwd), realPath }
  const decision = decide(ask, context, patterns, policy)
  return where.tier === null && permissions.discovered === 'rules_only' ? rulesOnly(decision) : decision
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
export function projectRootOf(cwd: string): string | null {
  if (!cwd.startsWith('/')) return null
  for (let folder = cwd; folder !== '/'; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
  }
  return null
}

/** Follows links as far as the path exists. */
function realPath(path: string): string {
  for (let known = path, rest = ''; known !== '/' && known !== '.';) {
    try {
      return join(realpathSync(known), rest)
    } catch (error) {
      if (!isMissing(error)) throw error
      rest = join(known.slice(dirname(known).length), rest)
      known = dirname(known)
    }
  }
  return path
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
