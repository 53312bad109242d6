import { resolve } from 'node:path'
import { foldersHere, projectRootOf, realPath, type Folders } from '../../core/folders.ts'
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
  folders: Folders = foldersHere(dataDir),
): Promise<Decision | null> {
  const permissions = await getPermissions(db)
  if (!permissions.automatic) return null
  const patterns = await livePatterns(db)
  const { tier, policy } = treatmentOf(where, permissions)
  const decision = await decideThere(folders, { ...where, tier }, (context) =>
    judge(ask, context, patterns, policy),
  )
  return where.tier === null && permissions.discovered === 'rules_only' ? rulesOnly(decision) : decision
}

/**
 * Decides by the files of the node where it would happen. Which paths a decision compares is known only while it is
 * made: it is made again until every one of them was looked up there.
 */
async function decideThere(
  folders: Folders,
  { cwd, session, trusted, tier }: AskedWhere & { tier: PolicyTier },
  judge: (context: DecisionContext) => Decision,
): Promise<Decision> {
  const [projectRoot, dataDir] = await Promise.all([folders.projectRootOf(cwd), folders.ownData()])
  const known = new Map<string, string | null>()
  for (;;) {
    const unknown = new Set<string>()
    const lookUp = (path: string) => {
      const real = known.get(path)
      if (real === null) throw new Error(`where ${path} leads can't be told`)
      return real ?? (unknown.add(path), path)
    }
    const decision = judge({ cwd, session, trusted, tier, projectRoot, dataDir, realPath: lookUp })
    if (unknown.size === 0) return decision
    const paths = [...unknown]
    const real = await folders.realPaths(paths)
    for (const [index, path] of paths.entries()) known.set(path, real[index] ?? null)
  }
}

/** What a pattern may compare on this machine, of a session with a tier. */
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
