import type { ClaimingSession } from '../db/claims.ts'
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
