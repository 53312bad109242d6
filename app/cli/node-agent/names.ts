import { join } from 'node:path'

/** The agent's name in locks, logs and sentences. */
export const nodeAgentName = 'node-agent'

/** Whether it is connected, and if not why: written by the agent, read by `--status`. */
export function connectionFile(dataDir: string): string {
  return join(dataDir, 'node-connection.json')
}
