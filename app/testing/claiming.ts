import type { Attempt } from '../core/attempt.ts'
import { recordPhase } from '../db/attempts.ts'
import { claimNextPrompt, type ClaimingSession } from '../db/claims.ts'
import type { Database } from '../db/open.ts'
import { advancePrompt } from '../db/prompts.ts'
import { sessionRoutes } from '../db/targets.ts'

/** An idle Claude Code in pane `%7` of the tmux session `web` on the node `pi`, or one that differs as given. */
export function claimingSession(
  changes: Partial<Omit<ClaimingSession, 'routes'>> & { names?: string[] } = {},
): ClaimingSession {
  const { names = ['web', 'web:0.0', '%7'], ...rest } = changes
  const node = rest.node ?? 'pi'
  return {
    sessionKey: 'pi/default/%7',
    sessionName: 'web',
    generation: '100-200/300-400',
    agent: 'claude',
    tier: 'worker',
    tags: ['ui'],
    dir: '/code/shop',
    allowUntargeted: true,
    ...rest,
    node,
    routes: sessionRoutes(node, names),
  }
}

export const lease = { owner: 'assigner-1', until: 30_000 }

/** The prompt that waits for this tag is with the session `web` and runs there, as an assigner leaves it. */
export async function runTagged(
  database: Database,
  tag: string,
  where: { sessionKey?: string } = {},
): Promise<Attempt> {
  const now = Date.now()
  const session = claimingSession({ tags: [tag], allowUntargeted: false, ...where })
  return database.write(async (db) => {
    const claim = await claimNextPrompt(db, session, { owner: 'assigner-1', until: now + 30_000 }, now)
    if (!claim) throw new Error(`No prompt waits for the tag ${tag}.`)
    const attempt = await recordPhase(db, claim.attempt, 'submitted', { at: now })
    await advancePrompt(db, claim.prompt.id, 'start', {}, now)
    return attempt
  })
}
