import { AppError } from '../../core/errors.ts'
import { findNode } from '../../db/node/read.ts'
import type { Db } from '../../db/schema.ts'

/**
 * Throws `conflict` for a session on another machine: a path is resolved by links and repositories, and the files
 * that this process sees under the same name are other ones.
 */
export async function requireFilesHere(db: Db, node: string): Promise<void> {
  const record = await findNode(db, node)
  if (!record || record.kind === 'dashboard') return
  throw new AppError(
    'conflict',
    `Files on ${node} can't be locked: locks are for checkouts on the machine where the dashboard runs. Give each ` +
      'session there a checkout or a git worktree of its own.',
  )
}
