import { basename } from 'node:path'
import type { HookMessage, HookOrigin, ProcessIdentity } from '../../core/hook.ts'
import type { LiveSession } from '../../core/fleet.ts'

/** The agent process of a session: `generation` is the pane's process, the agent's pid and its start. */
export function agentProcess(generation: string | null): ProcessIdentity | null {
  const [, pid, startedAt] = generation?.split('.') ?? []
  return startedAt === undefined ? null : { pid: Number(pid), startedAt: Number(startedAt) }
}

/**
 * Whether the message comes from the very agent process of this session, in its pane. A folder or a name proves
 * nothing: two agents share them, and an agent that another one started for a task of its own is not the session.
 */
export function isSender(message: HookOrigin, session: LiveSession): boolean {
  const agent = agentProcess(session.reading.generation)
  if (!agent || message.agent !== session.reading.agent || !isPane(message, session)) return false
  const others = message.parents.filter(({ name }) => !name.endsWith('sh'))
  const [own, launcher] = others
  if (own && isSame(own, agent)) return true
  // Codex and Gemini run as a child of the process that was started; Claude starts other Claudes.
  return launcher !== undefined && message.agent !== 'claude' && isSame(launcher, agent)
}

/** An agent that lost its environment (`sudo`) is known by its process alone. */
export function isPane(
  { socketPath, paneId }: Pick<HookMessage, 'socketPath' | 'paneId'>,
  { pane }: LiveSession,
) {
  if (paneId === null) return true
  const server = pane.server.replace(/~\d+$/, '')
  return paneId === pane.paneId && (socketPath === null || basename(socketPath) === server)
}

function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startedAt === other.startedAt
}
