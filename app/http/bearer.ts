import type { IncomingMessage } from 'node:http'
import { hashSecret } from '../accounts/secret.ts'
import { sessionTokenPrefix } from '../accounts/session-token.ts'
import { readShortToken } from '../accounts/short-token.ts'
import { tokenPrefix } from '../accounts/token.ts'
import { messageOf } from '../core/errors.ts'
import { nodeKeyPrefix } from '../core/join-token.ts'
import { findSessionToken } from '../db/account/session-tokens.ts'
import { findToken, markTokenUsed, type TokenLogin } from '../db/account/tokens.ts'
import { authenticateNode } from '../nodes/authenticate.ts'
import type { Caller } from './caller.ts'
import type { Web } from './web.ts'

/** What a request sends as `Authorization: Bearer …`, '' for an empty one; null when it sends no such header. */
export function bearerOf({ headers }: IncomingMessage): string | null {
  const found = /^Bearer(?: +(.*))?$/i.exec(headers.authorization ?? '')
  return found ? (found[1] ?? '').trim() : null
}

/** Who a token belongs to: an API token, or the short-lived one of `POST /api/token`. null: it is worth nothing. */
export async function bearerCaller(web: Web, bearer: string, address: string): Promise<Caller | null> {
  if (bearer.startsWith(tokenPrefix)) return apiTokenCaller(web, bearer, address)
  if (bearer.startsWith(sessionTokenPrefix)) return sessionCaller(web, bearer, address)
  if (bearer.startsWith(nodeKeyPrefix)) return nodeCaller(web, bearer, address)
  return shortTokenCaller(web, bearer, address)
}

/** May nothing but what is there for nodes. Throws what says why a key is worth nothing. */
async function nodeCaller(web: Web, key: string, address: string): Promise<Caller> {
  const { id, name } = await authenticateNode(web, { key, protocol: null, agentVersion: null })
  return {
    userId: 0,
    name: `the node ${name}`,
    role: 'viewer',
    scopes: [],
    login: `node:${id}`,
    session: null,
    agent: null,
    node: { id, name },
    expiresAt: null,
    actor: { kind: 'worker', name, address },
  }
}

/** May nothing but what is there for sessions. */
async function sessionCaller(web: Web, bearer: string, address: string): Promise<Caller | null> {
  const token = await findSessionToken(web.database.kysely, hashSecret(bearer), web.clock.now())
  if (!token) return null
  const { id, node, name } = token
  return {
    userId: 0,
    name: `the session ${name}`,
    role: 'viewer',
    scopes: [],
    login: `session-token:${id}`,
    session: null,
    agent: { node, name },
    expiresAt: null,
    actor: { kind: 'session', name, address },
  }
}

async function apiTokenCaller(web: Web, bearer: string, address: string): Promise<Caller | null> {
  const token = await findToken(web.database.kysely, hashSecret(bearer))
  if (!token || (token.expiresAt !== null && token.expiresAt <= web.clock.now())) return null
  noteUse(web, token, address)
  return {
    userId: token.userId,
    name: token.userName,
    role: token.role,
    scopes: token.scopes,
    login: `token:${token.id}`,
    session: null,
    agent: null,
    expiresAt: token.expiresAt,
    actor: { kind: 'token', name: `${token.userName}/${token.name}`, address },
  }
}

async function shortTokenCaller(web: Web, bearer: string, address: string): Promise<Caller | null> {
  const found = await readShortToken(web, bearer)
  if (!found) return null
  const { user, scopes, expiresAt } = found
  return {
    userId: user.id,
    name: user.name,
    role: user.role,
    scopes,
    login: `user:${user.id}`,
    session: null,
    agent: null,
    expiresAt,
    actor: { kind: 'token', name: user.name, address },
  }
}

/** The last use is stored at most this often. */
const useStepMs = 60_000

function noteUse({ clock, database, log }: Web, token: TokenLogin, address: string): void {
  const now = clock.now()
  if (token.usedAt !== null && now - token.usedAt < useStepMs) return
  database
    .write((db) => markTokenUsed(db, token.id, address, now))
    .catch((error: unknown) => log.json.warn({ err: error }, `a use was not kept: ${messageOf(error)}`))
}
