import { z } from 'zod'
import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'

export type NodeId = number

/** `expected`: somebody named it, and it has not reported yet. */
export const nodeStates = ['expected', 'online', 'offline', 'revoked'] as const
export type NodeState = (typeof nodeStates)[number]

/** The same shape for a state everywhere. */
export const nodeGlyph: Record<NodeState, string> = {
  expected: '…',
  online: '●',
  offline: '○',
  revoked: '⊘',
}

/** The life of a machine's record. */
export const nodeEvents = {
  hear: { from: ['expected', 'offline'], to: 'online' },
  lose: { from: ['online'], to: 'offline' },
  revoke: { from: ['expected', 'online', 'offline'], to: 'revoked' },
  /** By an invitation made for it, or by a new key. */
  readmit: { from: ['revoked'], to: 'expected' },
} as const satisfies Record<string, Transition<NodeState>>
export type NodeEvent = keyof typeof nodeEvents

/** How a machine reports: it runs the dashboard itself, a node agent, or a script that posts heartbeats. */
export const nodeKinds = ['dashboard', 'agent', 'script'] as const
export type NodeKind = (typeof nodeKinds)[number]

/** What a node and the dashboard say to each other; `oldestNodeProtocol` is still understood. */
export const nodeProtocol = 1
export const oldestNodeProtocol = 1

const shortText = z.string().max(200)

/** What rarely changes about a machine; everything may be unknown. */
export const nodeFactsSchema = z.object({
  hostname: shortText.nullable().default(null),
  /** `Debian GNU/Linux 12 (bookworm)`. */
  os: shortText.nullable().default(null),
  kernel: shortText.nullable().default(null),
  /** `arm64`. */
  arch: shortText.nullable().default(null),
  /** `Raspberry Pi 4 Model B Rev 1.4`. */
  model: shortText.nullable().default(null),
  cpu: shortText.nullable().default(null),
  cpus: z.number().int().min(0).max(100_000).nullable().default(null),
  memoryBytes: z.number().min(0).nullable().default(null),
  /** Addresses by which other machines reach it, the likeliest first. */
  addresses: z.array(z.string().max(64)).max(16).default([]),
  /** Who runs the agent there; ssh goes to that user. */
  user: shortText.nullable().default(null),
  tmux: shortText.nullable().default(null),
})
export type NodeFacts = z.infer<typeof nodeFactsSchema>

export const noFacts: NodeFacts = nodeFactsSchema.parse({})

/** From where on a node gets nothing new; `prompts` is how many it works on at once. null: no limit. */
export const nodeLimitsSchema = z.object({
  prompts: z.number().int().min(0).max(10_000).nullable().default(null),
  memoryPercent: z.number().min(1).max(100).nullable().default(95),
  celsius: z.number().min(1).max(150).nullable().default(80),
  /** Load average over one minute for each processor. */
  loadPerCpu: z.number().min(0.1).max(1000).nullable().default(4),
})
export type NodeLimits = z.infer<typeof nodeLimitsSchema>

export const usualNodeLimits: NodeLimits = nodeLimitsSchema.parse({})

/** How ssh reaches it, where that is not the first address, port 22 and the agent's user. */
export const nodeSshSchema = z.object({
  host: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, { error: 'must be an address or a host name' })
    .nullable()
    .default(null),
  port: z.number().int().min(1).max(65_535).nullable().default(null),
  user: z
    .string()
    .regex(/^[A-Za-z_][\w.-]{0,31}$/, { error: 'must be a user name' })
    .nullable()
    .default(null),
})
export type NodeSsh = z.infer<typeof nodeSshSchema>

/** A machine. Its name is that of `node/session` and never used for two. */
export interface Node {
  id: NodeId
  name: string
  kind: NodeKind
  state: NodeState
  /** Why it is in this state, for people; null where that needs no reason. */
  reason: string | null
  /** Since when it is in this state. */
  since: EpochMs
  tags: string[]
  facts: NodeFacts
  limits: NodeLimits
  ssh: NodeSsh
  agentVersion: string | null
  protocol: number | null
  /** Its clock minus ours, in ms; only shown, nothing is reckoned with it. */
  clockOffsetMs: number | null
  /** No alerts and no new prompts until then. */
  maintenanceUntil: EpochMs | null
  /** Why it gets no new prompts at the moment: "memory at 97 %". */
  pressure: string | null
  /** Percent of all its processors, coarsely: to compare nodes, not to draw. */
  cpuPercent: number | null
  createdAt: EpochMs
  firstSeenAt: EpochMs | null
  seenAt: EpochMs | null
  /** It shall get another key as soon as it is connected. */
  rotateKey: boolean
}

/** A key of a node without its secret. */
export interface NodeKey {
  id: number
  nodeId: NodeId
  /** Its first letters. */
  hint: string
  createdAt: EpochMs
  usedAt: EpochMs | null
  endedAt: EpochMs | null
  endedReason: string | null
}

/** An invitation without its secret. */
export interface JoinToken {
  id: number
  hint: string
  /** The only name that may join with it; null: any that is free. */
  name: string | null
  tags: string[]
  createdBy: string
  createdAt: EpochMs
  expiresAt: EpochMs
  usedAt: EpochMs | null
  /** The node that joined with it. */
  nodeId: NodeId | null
}

export const joinTokenLifetimeMs = 15 * 60_000
/** A different letter case is a different name nowhere: people don't tell them apart. */
export const nodeNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
export const nodeNameRule = 'a name of at most 63 letters, digits, dots, dashes or underscores'
export const mostNodes = 10_000
export const nodeTagPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/
export const mostNodeTags = 20
