import { AppError } from '../core/errors.ts'
import type { MetricSample } from '../core/metric-sample.ts'
import type { NodeFacts, NodeId } from '../core/node.ts'
import { introduceNode } from '../db/node/write.ts'
import type { Lifetime } from './lifetime.ts'
import type { NodeTools } from './tools.ts'

/** What a node reports; all of it may be missing. */
export interface Heartbeat {
  /** The oldest first; late ones, after a cut, are welcome. */
  samples?: readonly MetricSample[]
  facts?: NodeFacts
  /** Its clock minus ours. */
  clockOffsetMs?: number
}

export interface HeartbeatReply extends Lifetime {
  /** Get another key for it: `issueNodeKey`. */
  rotateKey: boolean
  /** Somebody looks at this node: a sample each so many ms, please. */
  sampleEveryMs: number
}

/** Throws `forbidden` when the node was revoked or removed meanwhile: end its connection. */
export async function noteHeartbeat(
  { database, watch }: NodeTools,
  nodeId: NodeId,
  { samples = [], facts, clockOffsetMs }: Heartbeat,
): Promise<HeartbeatReply> {
  const standing = await watch.heard(nodeId)
  if (standing === null) {
    throw new AppError('forbidden', 'This node was revoked or removed. Invite it again to let it in.')
  }
  const isOffsetNews = clockOffsetMs !== undefined && isAnotherOffset(standing.clockOffsetMs, clockOffsetMs)
  if (facts || isOffsetNews) {
    const said = { ...(facts && { facts }), ...(isOffsetNews && { clockOffsetMs }) }
    await database.write((db) => introduceNode(db, nodeId, said))
    if (isOffsetNews) standing.clockOffsetMs = clockOffsetMs
  }
  if (samples.length > 0) watch.measured(nodeId, samples)
  // Whoever catches up after a cut forgets them when this is answered.
  if (samples.length > 1) await watch.keepSamples(nodeId)
  return { ...watch.lifetime, rotateKey: standing.rotateKey, sampleEveryMs: watch.sampleEveryMs(nodeId) }
}

/** What the way of a message adds to it is no news: nodes report all day, and each write costs a disk's sync. */
const offsetStepMs = 5_000

function isAnotherOffset(known: number | null, now: number): boolean {
  return known === null || Math.abs(now - known) >= offsetStepMs
}

/**
 * A connection ended. `stopped`: somebody stopped the agent, so the node is offline at once and nobody is
 * alarmed. Otherwise nothing is said before its lifetime is over: it may be back in a moment.
 */
export async function noteLost({ watch }: NodeTools, nodeId: NodeId, how: 'stopped' | 'cut'): Promise<void> {
  if (how === 'stopped') await watch.stopped(nodeId)
}
