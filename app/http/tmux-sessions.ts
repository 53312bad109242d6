import type { z } from 'zod'
import { lookAtSessions } from '../broker/session-view.ts'
import { isSilence } from '../core/errors.ts'
import { paneKey, type Pane } from '../core/host.ts'
import type { SessionState } from '../core/session.ts'
import { listSessions } from '../db/sessions.ts'
import { assignerRuns } from './assigner-runs.ts'
import type { tmuxSessionSchema } from './schemas/tmux.ts'
import type { Web } from './web.ts'

export type TmuxSession = z.output<typeof tmuxSessionSchema>

/**
 * Every tmux session of one node by name, which `atNode` chose. What their agents do is as the assigner saw it last; `fresh`, or
 * while none runs, it is looked at now.
 */
export async function tmuxSessions(web: Web, { fresh }: { fresh: boolean }): Promise<TmuxSession[]> {
  const [panes, agents] = await Promise.all([panesOf(web), agentsOf(web, fresh || !assignerRuns(web))])
  const sessions = new Map<string, Pane[]>()
  for (const pane of panes) {
    const name = `${pane.server}/${pane.sessionName}`
    sessions.set(name, [...(sessions.get(name) ?? []), pane])
  }
  return [...sessions.values()]
    .map((group) => sessionOf(web.host.node, group, agents))
    .toSorted((a, b) => order.compare(a.name, b.name))
}

const order = new Intl.Collator('en', { numeric: true })

/** Without a tmux server there are none; without its node nobody knows. */
export async function panesOf({ host }: Pick<Web, 'host'>): Promise<Pane[]> {
  try {
    return await host.list()
  } catch (error) {
    if (isSilence(error)) return []
    throw error
  }
}

interface Seen {
  agent: string | null
  state: SessionState
}

async function agentsOf(web: Web, fresh: boolean): Promise<Map<string, Seen>> {
  const views = fresh ? await lookAtSessions(web.host, web.reader) : await listSessions(web.database.kysely)
  return new Map(views.map(({ key, agent, state }) => [key, { agent, state }]))
}

function sessionOf(node: string, group: Pane[], agents: Map<string, Seen>): TmuxSession {
  const panes = group.map((pane) => paneView(node, pane, agents))
  const speaking = panes.find(({ agent }) => agent !== null) ?? panes[0]!
  const { sessionName, server } = group[0]!
  return { name: sessionName, node, server, agent: speaking.agent, state: speaking.state, panes }
}

function paneView(node: string, pane: Pane, agents: Map<string, Seen>) {
  const key = `${node}/${paneKey(pane)}`
  const { paneId, address, command, title, path, width, height, dead, activityAt } = pane
  const { agent, state } = agents.get(key) ?? { agent: null, state: 'not_agent' as const }
  return {
    key,
    pane_id: paneId,
    address,
    command,
    title,
    path,
    width,
    height,
    dead,
    activity_at: activityAt,
    agent,
    state,
  }
}
