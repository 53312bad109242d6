import { byKey } from '../../core/by-key.ts'
import type { Member } from '../../core/hierarchy.ts'
import type { SessionName } from '../../core/prompt.ts'
import { isSameSession, parseSessionName, sessionNameText } from '../../core/session-name.ts'
import { listSessionSettings, type SessionSettings } from '../../db/session-settings.ts'
import { listSessions, type StoredSession } from '../../db/sessions.ts'
import type { Db } from '../../db/schema.ts'

/**
 * Every session that is there or about which somebody settled something. `only`: those with one of these names, which
 * costs little however many sessions there are.
 */
export async function listMembers(db: Db, only?: readonly string[]): Promise<Member[]> {
  const filter = only && { named: only }
  const settings = byKey(await listSessionSettings(db, filter), sessionNameText)
  const stored = byKey(await listSessions(db, filter), sessionNameText)
  const names = new Set([...settings.keys(), ...stored.keys()])
  return [...names].map((name) => memberOf(settings.get(name)?.[0], stored.get(name) ?? []))
}

/** A session of which nobody knows anything yet is a worker without a manager. */
export function memberNamed(members: readonly Member[], wanted: SessionName): Member {
  const known = members.find((member) => isSameSession(member, wanted))
  return known ?? { ...wanted, tier: 'worker', manager: null, tags: [], agent: null, isThere: false }
}

/** `NAME` is on the node of the session that it leads, `NODE/NAME` may be on another one. */
export function managerNamed(text: string, node: string): SessionName {
  return text.includes('/') ? parseSessionName(text) : { node, name: text }
}

/** At least one of both is there. */
function memberOf(own: SessionSettings | undefined, panes: readonly StoredSession[]): Member {
  const { node, name } = (own ?? panes[0])!
  const agent = panes.find((row) => row.agent !== null && row.state !== 'gone' && row.state !== 'not_agent')
  return {
    node,
    name,
    tier: own?.tier ?? 'worker',
    manager: own?.manager ? managerNamed(own.manager, node) : null,
    tags: own?.tags ?? [],
    agent: agent?.agent ?? null,
    isThere: agent !== undefined && !own?.ignored && !own?.paused,
  }
}
