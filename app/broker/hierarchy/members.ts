import type { Member } from '../../core/hierarchy.ts'
import type { SessionName } from '../../core/prompt.ts'
import { isSameSession, parseSessionName } from '../../core/session-name.ts'
import { listSessionSettings, type SessionSettings } from '../../db/session-settings.ts'
import { listSessions, type StoredSession } from '../../db/sessions.ts'
import type { Db } from '../../db/schema.ts'

/** Every session that is there or about which somebody settled something. */
export async function listMembers(db: Db): Promise<Member[]> {
  const settings = await listSessionSettings(db)
  const stored = await listSessions(db)
  const names = uniqueNames([...settings, ...stored])
  return names.map((name) => memberOf(name, settings, stored))
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

function memberOf(
  { node, name }: SessionName,
  settings: readonly SessionSettings[],
  stored: readonly StoredSession[],
): Member {
  const own = settings.find((row) => row.node === node && row.name === name)
  const panes = stored.filter((row) => row.node === node && row.name === name)
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

function uniqueNames(rows: readonly SessionName[]): SessionName[] {
  const byText = new Map(rows.map(({ node, name }) => [`${node}/${name}`, { node, name }]))
  return [...byText.values()]
}
