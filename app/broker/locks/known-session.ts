import { findSessions } from '../../db/sessions.ts'
import type { Db } from '../../db/schema.ts'

/** A session as locks and questions name it, bound to the one agent that runs under that name now. */
export interface KnownSession {
  name: string
  /** null: nobody has seen a session of that name, or several agents run in it. */
  sessionKey: string | null
  generation: string | null
}

/** `wanted` may be a name, an address, a pane id or a key, each also with its node. */
export async function knownSession(db: Db, node: string, wanted: string): Promise<KnownSession> {
  const found = (await findSessions(db, wanted)).filter((session) => session.node === node)
  const [only, ...others] = found
  const name = wanted.startsWith(`${node}/`) ? wanted.slice(node.length + 1) : wanted
  if (!only) return { name, sessionKey: null, generation: null }
  if (others.length > 0) return { name, sessionKey: null, generation: null }
  return { name: only.name, sessionKey: only.key, generation: only.generation }
}
