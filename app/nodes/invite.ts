import { AppError } from '../core/errors.ts'
import { joinTokenPrefix, writeInvitation } from '../core/join-token.ts'
import {
  joinTokenLifetimeMs,
  mostNodeTags,
  nodeNamePattern,
  nodeNameRule,
  nodeTagPattern,
  type JoinToken,
} from '../core/node.ts'
import { addJoinToken } from '../db/node/join-tokens.ts'
import { makeSecret } from './secrets.ts'
import type { NodeRecords } from './tools.ts'

export interface InvitationRequest {
  /** The only name that may join with it, also where a node has it already; null: any that is free. */
  name: string | null
  tags: readonly string[]
  /** Who invites. */
  by: string
  /** Where the dashboard is, as the new node reaches it. */
  url: string | null
  fingerprint: string | null
}

/** `token` is shown this once. */
export interface MadeInvitation {
  invitation: JoinToken
  token: string
  url: string | null
}

/** Lets one machine join within 15 minutes. */
export async function inviteNode(
  { database, clock }: NodeRecords,
  { name, tags, by, url, fingerprint }: InvitationRequest,
): Promise<MadeInvitation> {
  if (name !== null) requireNodeName(name)
  requireTags(tags)
  const now = clock.now()
  const { secret, secretHash, hint } = makeSecret(joinTokenPrefix)
  const expiresAt = now + joinTokenLifetimeMs
  const invitation = await database.write((db) =>
    addJoinToken(db, { secretHash, hint, name, tags: [...new Set(tags)], createdBy: by, expiresAt }, now),
  )
  return { invitation, token: writeInvitation({ secret, url, fingerprint }), url }
}

export function requireNodeName(name: string): void {
  if (nodeNamePattern.test(name)) return
  throw new AppError('invalid', `A node has ${nodeNameRule}; ${JSON.stringify(name.slice(0, 80))} is none.`)
}

export function requireTags(tags: readonly string[]): void {
  const wrong = tags.find((tag) => !nodeTagPattern.test(tag))
  if (wrong !== undefined) {
    throw new AppError(
      'invalid',
      `A tag is at most 40 letters, digits, dots, dashes or underscores; ${JSON.stringify(wrong.slice(0, 60))} is none.`,
    )
  }
  if (tags.length > mostNodeTags) throw new AppError('invalid', `A node has at most ${mostNodeTags} tags.`)
}
