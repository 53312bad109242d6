import type { AgentReader } from '../core/agent.ts'
import type { EpochMs } from '../core/clock.ts'
import { isAppError, isSilence } from '../core/errors.ts'
import { paneKey, type Look, type Pane, type SessionHost } from '../core/host.ts'
import type { PromptId } from '../core/prompt.ts'
import type { SessionState } from '../core/session.ts'
import type { Database } from '../db/open.ts'
import type { SessionSettings } from '../db/session-settings.ts'
import { listSessions, listSessionSettings, type StoredSession } from '../db/sessions.ts'

/** One agent session as lists show it, whether the assigner stored it or this process has just looked. */
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

export interface SessionRow extends SessionView {
  /** null: nobody settled anything about it. */
  settings: SessionSettings | null
}

/**
 * What the assigner saw last, sorted by name. While none watches the node `here`, `lookHere` stands in for it:
 * one look of our own.
 */
export async function sessionRows(
  database: Database,
  here: string,
  lookHere: (() => Promise<SessionView[]>) | null,
): Promise<SessionRow[]> {
  const stored = (await listSessions(database.kysely)).map(viewOfStored)
  const views = lookHere ? [...stored.filter(({ node }) => node !== here), ...(await lookHere())] : stored
  const settings = await listSessionSettings(database.kysely)
  return views
    .map((view) => ({
      ...view,
      settings: settings.find(({ node, name }) => node === view.node && name === view.name) ?? null,
    }))
    .toSorted(byName)
}

function byName(a: SessionView, b: SessionView): number {
  return order.compare(a.node, b.node) || order.compare(a.address, b.address)
}

const order = new Intl.Collator('en', { numeric: true })

function viewOfStored(session: StoredSession): SessionView {
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

/** One look at every pane of a node that may hold an agent. Without a tmux server there is none. */
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

/** One by one, not in a sweep: that one only tells what changed since the last, and others here sweep too. */
async function looksAtAgents(host: SessionHost, reader: AgentReader): Promise<Look[]> {
  try {
    const panes = (await host.list()).filter((pane) => !pane.dead && reader.mayHoldAgent(pane))
    const looks = await Promise.all(panes.map((pane) => lookAt(host, pane)))
    return looks.filter((look) => look !== null)
  } catch (error) {
    if (isSilence(error)) return []
    throw error
  }
}

/** null: it ended in this moment. */
async function lookAt(host: SessionHost, pane: Pane): Promise<Look | null> {
  try {
    return await host.look(pane)
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}
