import type { Config } from '../config.ts'
import { isAppError, messageOf } from '../core/errors.ts'
import { paneKey, type SessionHost } from '../core/host.ts'
import type { Node } from '../core/node.ts'
import { findNode } from '../db/node/read.ts'
import { addNode, introduceNode } from '../db/node/write.ts'
import { endNodeKeys } from '../db/node/keys.ts'
import { listSessions } from '../db/sessions.ts'
import type { Database } from '../db/open.ts'
import type { Clock } from '../core/clock.ts'
import { readInventory } from '../../distributed/metrics/inventory.ts'
import { MetricReader, type MeasuredSession } from '../../distributed/metrics/read.ts'
import { endsWith } from '../core/signals.ts'
import { noteHeartbeat } from './hearing.ts'
import type { NodeTools } from './tools.ts'
import type { WatchLog } from './watch.ts'

export interface OwnNodeOptions {
  nodes: NodeTools
  config: Pick<Config, 'node'>
  host: SessionHost
  log: WatchLog
  /** Of this program. */
  version: string
}

/** The dashboard's machine is a node like any other, and its own process measures it: no agent runs here. */
export async function keepOwnNode(options: OwnNodeOptions): Promise<AsyncDisposable> {
  const { nodes, config, version } = options
  const node = await ensureOwnNode(nodes.database, nodes.clock, config.node)
  await nodes.database.write((db) => introduceNode(db, node.id, { kind: 'dashboard', agentVersion: version }))
  await nodes.watch.refresh()
  const over = new AbortController()
  const working = measure(options, node, over.signal)
  return {
    async [Symbol.asyncDispose]() {
      over.abort()
      await working
    },
  }
}

/** An agent that ran here before under this name has no business any more. */
async function ensureOwnNode(database: Database, clock: Clock, name: string): Promise<Node> {
  const now = clock.now()
  return database.write(async (db) => {
    const known = await findNode(db, name)
    if (!known) return addNode(db, { name, kind: 'dashboard', tags: [] }, now)
    await endNodeKeys(db, known, 'the dashboard runs on this machine', now)
    return known
  })
}

async function measure({ nodes, config, host, log }: OwnNodeOptions, node: Node, signal: AbortSignal) {
  const reader = new MetricReader()
  let facts = readInventory().then(
    (found) => found,
    () => undefined,
  )
  while (!signal.aborted) {
    try {
      const sample = await reader.read(await agentPanes(nodes.database, host, config.node))
      const found = await facts
      facts = Promise.resolve(undefined)
      await noteHeartbeat(nodes, node.id, { samples: [sample], ...(found && { facts: found }) })
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, `this machine could not be measured: ${messageOf(error)}`)
    }
    await restUntilNextSample(nodes, node, signal)
  }
}

/** Ends early when somebody begins to look. */
async function restUntilNextSample({ watch, clock }: NodeTools, node: Node, signal: AbortSignal) {
  using waking = endsWith(signal)
  const stop = watch.onLook((id) => {
    if (id === node.id) waking.end()
  })
  await clock.sleep(watch.sampleEveryMs(node.id), waking.signal)
  stop()
}

/** Panes in which an agent was seen. */
async function agentPanes(database: Database, host: SessionHost, name: string): Promise<MeasuredSession[]> {
  const sessions = await listSessions(database.kysely, { node: name })
  const own = new Set(sessions.map(({ key }) => key))
  if (own.size === 0) return []
  try {
    const panes = await host.list()
    return panes.flatMap((pane) => {
      const key = paneKey(pane)
      return own.has(`${name}/${key}`) && !pane.dead ? [{ key, pid: pane.pid }] : []
    })
  } catch (error) {
    if (isAppError(error, 'unavailable')) return [] // no tmux server runs
    throw error
  }
}
