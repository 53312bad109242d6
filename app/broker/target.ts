import { AppError } from '../core/errors.ts'

/** A pane as far as naming it goes. */
export interface NamedPane {
  node: string
  sessionName: string
  /** `session:window.pane`. */
  address: string
  paneId: string
  /** null: no agent runs in it. */
  agent: string | null
  /** What runs instead. */
  command: string
  dead: boolean
}

/**
 * Checks that a person's name for a session means exactly one agent, and returns the name under which prompts
 * are routed to it. Throws `not_found` or `conflict` with what is there instead.
 */
export function checkTargetSession(panes: NamedPane[], wanted: string): string {
  const { node, name } = splitNode(wanted, panes)
  const there = panes.filter((pane) => node === null || pane.node === node)
  const named = there.filter((pane) => [pane.sessionName, pane.address, pane.paneId].includes(name))
  if (named.length === 0) throw unknownSession(name, there)
  const agents = named.filter(({ agent, dead }) => agent !== null && !dead)
  const [only] = agents
  if (!only) throw noAgent(name, named)
  if (agents.length > 1) throw severalAgents(name, agents)
  return wanted
}

/** `pi-2/dev` names a node only when there is one of that name: tmux sessions may have a slash as well. */
function splitNode(wanted: string, panes: NamedPane[]): { node: string | null; name: string } {
  const slash = wanted.indexOf('/')
  const node = wanted.slice(0, Math.max(0, slash))
  const isNode = slash > 0 && panes.some((pane) => pane.node === node)
  return isNode ? { node, name: wanted.slice(slash + 1) } : { node: null, name: wanted }
}

function unknownSession(name: string, panes: NamedPane[]): AppError {
  const names = [
    ...new Set(panes.filter(({ agent }) => agent !== null).map(({ sessionName }) => sessionName)),
  ]
  const instead =
    names.length > 0 ? `Sessions with an agent: ${names.sort().join(', ')}.` : 'No session has an agent now.'
  return new AppError('not_found', `There is no session "${name}". ${instead}`)
}

function noAgent(name: string, panes: NamedPane[]): AppError {
  if (panes.every(({ dead }) => dead)) {
    return new AppError(
      'conflict',
      `The pane of session "${name}" is dead. Start an agent in it, or choose another session.`,
    )
  }
  const commands = [...new Set(panes.map(({ command }) => command))].join(', ')
  return new AppError(
    'conflict',
    `Session "${name}" has no agent in it (it runs ${commands}). Start one there, or choose another session.`,
  )
}

function severalAgents(name: string, agents: NamedPane[]): AppError {
  const list = agents.map(({ address, paneId, agent }) => `${address} (${paneId}, ${agent})`).join(', ')
  return new AppError(
    'conflict',
    `Session "${name}" has ${agents.length} agents: ${list}. Name one of them exactly.`,
  )
}
