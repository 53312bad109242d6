import { userInfo } from 'node:os'
import type { Actor } from '../core/account.ts'
import { AppError } from '../core/errors.ts'
import type { SessionName } from '../core/prompt.ts'

/** The session that this command runs in, where Architect started it; null for a person's own shell. */
export function sessionHere(node: string): SessionName | null {
  const name = process.env['ARCHITECT_SESSION']
  return name ? { node, name } : null
}

/**
 * Who sits at this machine, for the activity log: a person, or an agent in its session. In a container a user
 * may have a number only.
 */
export function personHere(): Actor {
  const session = process.env['ARCHITECT_SESSION']
  if (session) return { kind: 'session', name: session, address: null }
  return { kind: 'user', name: nameHere(), address: null }
}

/** What agents are granted is settled by people: an agent that could would grant itself everything. */
export function refuseAgents(what: string): void {
  const session = process.env['ARCHITECT_SESSION']
  if (!session) return
  throw new AppError(
    'forbidden',
    `${what}, not by agents, and this runs in the session ${session}. ` +
      'Ask a person: ./deploy.sh questions ask --help',
  )
}

function nameHere(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}` // no entry in /etc/passwd
  }
}
