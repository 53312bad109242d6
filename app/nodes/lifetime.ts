/*
 * How often nodes report and after what silence one counts as offline. Nomad's rule (its server's
 * `max_heartbeats_per_second`, `min_heartbeat_ttl` and `heartbeat_grace`): the rate of the whole cluster is
 * bounded, so intervals and lifetimes grow with the number of nodes. Its 50 a second are 100 here, because a
 * heartbeat costs us no write of its own; so up to 1,000 nodes report every ten seconds.
 */

const leastIntervalMs = 10_000
const mostPerSecond = 100
const graceMs = 5_000
/** What a crowd that reconnects, or one busy moment of the dashboard, may delay each of them by. */
const gracePerNodeMs = 20

export interface Lifetime {
  /** A node reports this often. */
  intervalMs: number
  /** Silence for longer than this is offline. */
  lifetimeMs: number
}

/** 27 s for 100 nodes, 45 s for 1,000, 125 s for 10,000 … of silence: one lost report never counts. */
export function lifetimeFor(nodes: number): Lifetime {
  const intervalMs = Math.max(leastIntervalMs, Math.ceil((nodes * 1000) / mostPerSecond))
  return { intervalMs, lifetimeMs: 2 * intervalMs + graceMs + nodes * gracePerNodeMs }
}
