import { includesRole, type Actor, type BrowserSession, type Role, type Scope } from '../core/account.ts'
import type { NamedSession } from '../broker/session-settings.ts'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Node } from '../core/node.ts'
import type { Access } from './route.ts'

/** Somebody who proved who they are, by a browser session or a token. */
export interface Caller {
  /** 0 for a session's agent, which is nobody's. */
  userId: number
  name: string
  role: Role
  /** null: a browser session, which may do all that its role may. */
  scopes: readonly Scope[] | null
  /** `session:12`, `token:3`, `user:1`: what the event `login` `end` names when this ends. */
  login: string
  /** null: not a browser's. */
  session: BrowserSession | null
  /** The session that speaks, with a token of its own; null for people and their programs. */
  agent: NamedSession | null
  /** The machine that speaks, with its own key. */
  node?: Pick<Node, 'id' | 'name'>
  /** When a token ends by itself; null for never, and for a browser's session, whose end moves. */
  expiresAt: EpochMs | null
  actor: Actor
}

/** Throws `unauthorized` without a caller, `forbidden` with one who may not. */
export function authorise(access: Access, caller: Caller | null): void {
  if (access === 'public') return
  if (!caller) throw new AppError('unauthorized', 'Log in first, or send a token (Authorization: Bearer …).')
  if (access === 'session') {
    if (caller.agent) return
    throw new AppError('forbidden', 'This is for agents: it takes the token of a session.')
  }
  if (access === 'node') {
    if (caller.node) return
    throw new AppError('forbidden', 'This is for nodes: it takes the key of a node.')
  }
  if (!includesRole(caller.role, access.role)) {
    throw new AppError('forbidden', `This takes the role ${access.role}; ${caller.name} is ${caller.role}.`)
  }
  if (caller.scopes && !caller.scopes.includes(access.scope)) {
    throw new AppError('forbidden', `This token lacks the scope "${access.scope}".`)
  }
}

/** Other people's accounts are their business: an administrator's own, and not that of just any of their tokens. */
export function mayAdminister({ role, scopes }: Caller): boolean {
  return includesRole(role, 'admin') && (scopes?.includes('admin') ?? true)
}
