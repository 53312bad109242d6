import { CallDesk } from './answer-calls.ts'
import { connectNode, type Membership } from './connection.ts'
import type { Here } from './here.ts'
import { HookNews } from './hook-news.ts'
import { Outbox } from './outbox.ts'
import { Reports, type MetricSource } from './reports.ts'
import { SessionNews } from './session-news.ts'
import { TerminalDesk } from './terminal-desk.ts'

export interface NodeAgentOptions {
  membership: Membership
  metrics: MetricSource
  /** Called with a key that takes the place of the one in `membership`; it is used from then on. */
  onNewKey: (key: string) => void
  onUp: () => void
  onDown: (reason: string) => void
}

/**
 * One machine's part of the cluster, until `signal` aborts: looks at its agents, answers what it is asked, reports
 * how it is. It keeps nothing that its tmux, its agents' records and its spool don't keep.
 */
export async function runNodeAgent(
  here: Here,
  options: NodeAgentOptions,
  signal: AbortSignal,
): Promise<void> {
  const { membership, metrics, onNewKey, onUp, onDown } = options
  const sessions = new SessionNews(here)
  const hooks = new HookNews(here.hooks)
  const outbox = new Outbox()
  await hooks.begin(outbox.tell)
  const terminals = new TerminalDesk(here.terminals)
  const calls = new CallDesk(here, sessions, hooks, terminals)
  const looking = sessions.run(signal)
  const socket = connectNode(membership, { here, calls, sessions, outbox, onUp, onDown })
  const reports = new Reports(socket, {
    source: metrics,
    here,
    sessions: () => sessions.all,
    onNewKey(key) {
      // One that could not be stored would be lost with this process, and the old one with its first use.
      onNewKey(key)
      membership.key = key
    },
  })
  try {
    await Promise.all([looking, reports.run(signal)])
  } finally {
    socket.disconnect()
    // What is still under way is told that the connection has ended, and says so to a log that is still open.
    await Promise.all([calls.endConnection(), sessions.settled(), reports.settled()])
  }
}
