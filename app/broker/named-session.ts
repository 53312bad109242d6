import type { AgentReader } from '../core/agent.ts'
import { AppError, isAppError } from '../core/errors.ts'
import type { Pane, SessionHost } from '../core/host.ts'
import { nearest } from '../core/nearest.ts'
import type { Database } from '../db/open.ts'
import { findSessions, listSessions, type StoredSession } from '../db/sessions.ts'
import { checkTargetSession, type NamedPane } from './target.ts'

/** What it takes to look into tmux. */
export interface Looks {
  host: SessionHost
  reader: AgentReader
}

/**
 * Checks that `wanted` means exactly one agent session, here or on another node, and returns the name under
 * which prompts are routed to it. Throws `not_found` or `conflict` with what is there instead.
 */
export async function requireSession(database: Database, looks: Looks, wanted: string): Promise<string> {
  const here = await panesHere(looks, wanted)
  const elsewhere = (await storedSessions(database, wanted)).filter(({ node }) => node !== looks.host.node)
  const panes = elsewhere.map(({ node, name, address, paneId, agent }) => ({
    node,
    sessionName: name,
    address,
    paneId,
    agent,
    command: '',
    dead: false,
  }))
  return checkTargetSession([...here, ...panes], wanted)
}

/** Those that may be meant; where none is, all of them, for a sentence that says what there is. */
async function storedSessions({ kysely }: Database, wanted: string): Promise<StoredSession[]> {
  const named = await findSessions(kysely, wanted)
  return named.length > 0 ? named : listSessions(kysely)
}

/** The one pane of this node that a person means, with or without an agent in it. */
export async function findPane(looks: Looks, wanted: string): Promise<Pane> {
  const { host } = looks
  const panes = await host.list()
  const name = wanted.startsWith(`${host.node}/`) ? wanted.slice(host.node.length + 1) : wanted
  const named = panes.filter((pane) => isNamed(pane, name))
  const agents = named.length > 1 ? await havingAgents(looks, named) : []
  const [only, ...others] = agents.length > 0 ? agents : named
  if (!only)
    throw new AppError('not_found', `There is no session "${wanted}". ${nearest(wanted, namesOf(panes))}`)
  if (others.length > 0) {
    const list = [only, ...others].map(({ address, paneId }) => `${address} (${paneId})`).join(', ')
    throw new AppError(
      'conflict',
      `Session "${wanted}" has several panes: ${list}. Name one of them exactly.`,
    )
  }
  return only
}

/** Whether an agent runs in a pane, whatever it does. */
export async function holdsAgent({ host, reader }: Looks, pane: Pane): Promise<boolean> {
  return reader.mayHoldAgent(pane) && reader.read(await host.look(pane)).pid !== null
}

async function havingAgents(looks: Looks, panes: Pane[]): Promise<Pane[]> {
  const holds = await Promise.all(panes.map((pane) => holdsAgent(looks, pane)))
  return panes.filter((_pane, index) => holds[index])
}

async function panesHere(looks: Looks, wanted: string): Promise<NamedPane[]> {
  try {
    const panes = await looks.host.list()
    return await Promise.all(panes.map((pane) => namedPane(looks, pane, wanted)))
  } catch (error) {
    if (isAppError(error, 'unavailable')) return []
    throw error
  }
}

/** Only what could be meant is looked at; of the others it is enough to know that they may hold an agent. */
async function namedPane({ host, reader }: Looks, pane: Pane, wanted: string): Promise<NamedPane> {
  const { sessionName, address, paneId, command, dead } = pane
  const named = { node: host.node, sessionName, address, paneId, command, dead }
  if (dead || !reader.mayHoldAgent(pane)) return { ...named, agent: null }
  if (!isNamed(pane, wanted.slice(wanted.indexOf('/') + 1)) && !isNamed(pane, wanted)) {
    return { ...named, agent: 'agent' }
  }
  const reading = reader.read(await host.look(pane))
  return { ...named, agent: reading.agent }
}

function isNamed({ sessionName, address, paneId }: Pane, name: string): boolean {
  return [sessionName, address, paneId].includes(name)
}

function namesOf(panes: Pane[]): string[] {
  return [...new Set(panes.map(({ sessionName }) => sessionName))]
}
