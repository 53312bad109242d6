import type { ClaimingSession } from '../db/claims.ts'
import { sessionRoutes } from '../db/targets.ts'
import type { SessionSettings } from '../db/session-settings.ts'
import { sessionNameText } from '../core/session-name.ts'
import { simulatedAgent } from '../core/simulated.ts'
import type { LiveSession } from '../core/fleet.ts'
import { managerNamed } from './hierarchy/members.ts'

/** What a session answers to, when it asks for work. */
export function claimingSession(
  node: string,
  session: LiveSession,
  settings: SessionSettings,
  fleet: LiveSession[],
  allowUntargeted: boolean,
): ClaimingSession {
  const { key, pane, reading } = session
  // A simulation beside real work must not swallow any of it.
  const isSimulated = reading.agent === simulatedAgent
  const isOnlyAgent = fleet.every((other) => other.key === key || other.pane.sessionName !== pane.sessionName)
  return {
    sessionKey: key,
    sessionName: pane.sessionName,
    generation: reading.generation ?? '',
    node,
    routes: sessionRoutes(node, [...(isOnlyAgent ? [pane.sessionName] : []), pane.address, pane.paneId]),
    agent: reading.agent ?? '',
    tier: isSimulated ? simulatedAgent : (settings.tier ?? 'worker'),
    tags: settings.tags,
    dir: reading.cwd,
    manager: settings.manager === null ? null : sessionNameText(managerNamed(settings.manager, node)),
    allowUntargeted: allowUntargeted && !isSimulated,
  }
}
