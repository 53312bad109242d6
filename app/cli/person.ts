import { userInfo } from 'node:os'
import type { Actor } from '../core/account.ts'

/** Who sits at this machine, for the activity log; in a container a user may have a number only. */
export function personHere(): Actor {
  return { kind: 'user', name: nameHere(), address: null }
}

function nameHere(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}` // no entry in /etc/passwd
  }
}
