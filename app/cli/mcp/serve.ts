import { once } from 'node:events'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { messageOf } from '../../core/errors.ts'
import { openLog } from '../../log.ts'
import { buildServer } from '../../mcp/server.ts'
import { withContext, withDatabase } from '../with.ts'
import { ownSession } from './own-session.ts'

/**
 * Speaks MCP on standard input and output, for the agent that started it, until that one hangs up. It stays as
 * long as the agent does, so it holds the database only; tmux is asked once, who the agent is.
 */
export async function serveOverStdio(): Promise<void> {
  const session = await withContext(({ host }) => ownSession(host))
  await withDatabase(async ({ config, database, clock }) => {
    using log = openLog(config, 'mcp')
    const actor = { kind: 'session', name: session.name, address: null } as const
    const onFault = (error: unknown, tool: string) =>
      log.json.error({ err: error, tool }, `an agent's tool failed: ${messageOf(error)}`)
    const server = serveStdio(() => buildServer({ session, database: database.by(actor), clock, onFault }))
    // A file or /dev/null ends and is never closed; a pipe may be closed without an end.
    await Promise.race([once(process.stdin, 'end'), once(process.stdin, 'close')])
    await server.close()
  })
}
