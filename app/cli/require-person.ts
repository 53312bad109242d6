import { ProcessTable } from '../agents/process-table.ts'
import { agentProcess } from '../broker/hooks/sender.ts'
import { AppError } from '../core/errors.ts'
import { listSessions } from '../db/sessions.ts'
import type { Records } from '../records.ts'
import { ancestors } from './ancestors.ts'

/**
 * For what only people decide: an agent that may answer for agents could let itself do anything. Throws
 * `forbidden` where an agent of a session started this command, however deep, whatever its environment says.
 */
export async function requirePerson(
  { config, database }: Pick<Records, 'config' | 'database'>,
  pid = process.pid,
  processes = new ProcessTable(),
): Promise<void> {
  const above = new Map(ancestors(pid, processes).map((entry) => [entry.pid, entry.startedAt]))
  const sessions = await listSessions(database.kysely)
  const session = sessions.find(({ node, generation }) => {
    const agent = agentProcess(generation)
    return node === config.node && agent !== null && above.get(agent.pid) === agent.startedAt
  })
  if (!session) return
  throw new AppError(
    'forbidden',
    `This is for a person to decide, and the agent of ${session.name} started this command. Answer in a shell of your own, or in the dashboard. What an agent may answer of sessions that it leads, it answers by its tool "answer".`,
  )
}
