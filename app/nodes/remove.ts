import { AppError } from '../core/errors.ts'
import type { Node } from '../core/node.ts'
import { removeNode } from '../db/node/write.ts'
import { listSessions, markGone } from '../db/sessions.ts'
import type { NodeRecords } from './tools.ts'

/** Forgets a machine with its keys, alerts and figures; its sessions are gone, its prompts stay. */
export async function forgetNode({ database, clock }: NodeRecords, node: Node): Promise<void> {
  if (node.kind === 'dashboard' && node.state === 'online') {
    throw new AppError(
      'conflict',
      `${node.name} is the dashboard's own machine: it is one as long as it runs there.`,
    )
  }
  const now = clock.now()
  const own = await listSessions(database.kysely, { node: node.name })
  await database.write(async (db) => {
    for (const { key } of own) await markGone(db, key, now)
    await removeNode(db, node, now)
  })
}
