import type { AgentReader } from '../../core/agent.ts'
import type { EpochMs } from '../../core/clock.ts'
import { isAppError } from '../../core/errors.ts'
import { paneKey, type SessionHost } from '../../core/host.ts'
import type { PromptId } from '../../core/prompt.ts'
import type { SessionState } from '../../core/session.ts'
import type { StoredSession } from '../../db/sessions.ts'

/** One agent session as the CLI shows it, whether the assigner stored it or this process has just looked. */
export interface SessionView {
  key: string
  node: string
  name: string
  address: string
  paneId: string
  agent: string | null
  version: string | null
  state: SessionState
  /** Since when it is in this state; null when nobody watched. */
  since: EpochMs | null
  acceptsPrompt: boolean
  draft: boolean
  trusted: boolean
  limitedUntil: EpochMs | null
  cwd: string
  promptId: PromptId | null
}

export function viewOfStored(session: StoredSession): SessionView {
  const { key, node, name, address, paneId, agent, version, state, since } = session
  const { acceptsPrompt, draft, trusted, limitedUntil, cwd, promptId } = session
  return {
    key,
    node,
    name,
    address,
    paneId,
    agent,
    version,
    state,
    since,
    acceptsPrompt,
    draft,
    trusted,
    limitedUntil,
    cwd,
    promptId,
  }
}

/** One look at every pane that may hold an agent. Without a tmux server there is none. */
export async function lookAtSessions(host: SessionHost, reader: AgentReader): Promise<SessionView[]> {
  const views: SessionView[] = []
  for (const look of await looksAtAgents(host, reader)) {
    const reading = reader.read(look)
    if (reading.agent === null) continue
    views.push({
      key: `${host.node}/${paneKey(look)}`,
      node: host.node,
      name: look.sessionName,
      address: look.address,
      paneId: look.paneId,
      agent: reading.agent,
      version: reading.version,
      state: reading.state,
      since: null,
      acceptsPrompt: reading.acceptsPrompt,
      draft: reading.draft,
      trusted: reading.trusted,
      limitedUntil: reading.limitedUntil,
      cwd: reading.cwd,
      promptId: null,
    })
  }
  return views
}

async function looksAtAgents(host: SessionHost, reader: AgentReader) {
  try {
    return (await host.sweep((pane) => reader.mayHoldAgent(pane))).changed
  } catch (error) {
    if (isAppError(error, 'unavailable')) return []
    throw error
  }
}
