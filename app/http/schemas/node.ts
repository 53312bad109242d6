import { z } from 'zod'
import { alertKinds } from '../../core/node-alert.ts'
import { metricSampleSchema } from '../../core/metric-schema.ts'
import { nodeKinds, nodeSshSchema, nodeStates } from '../../core/node.ts'

const nullableNumber = z.number().nullable()
const nullableText = z.string().nullable()

const factsSchema = z.object({
  hostname: nullableText,
  os: nullableText,
  kernel: nullableText,
  arch: nullableText,
  model: nullableText,
  cpu: nullableText,
  cpus: nullableNumber,
  memory_bytes: nullableNumber,
  addresses: z.array(z.string()),
  user: nullableText,
  tmux: nullableText,
})

/** In snake case, as everything in the API; `app/core/node.ts` says what they mean. */
export const limitsSchema = z.strictObject({
  prompts: z.number().int().min(0).max(10_000).nullable(),
  memory_percent: z.number().min(1).max(100).nullable(),
  celsius: z.number().min(1).max(150).nullable(),
  load_per_cpu: z.number().min(0.1).max(1000).nullable(),
})

export const nodeSchema = z.object({
  id: z.number(),
  name: z.string(),
  kind: z.enum(nodeKinds),
  state: z.enum(nodeStates),
  reason: nullableText,
  since: z.number(),
  tags: z.array(z.string()),
  facts: factsSchema,
  limits: limitsSchema,
  ssh: nodeSshSchema,
  agent_version: nullableText,
  protocol: nullableNumber,
  clock_offset_ms: nullableNumber,
  maintenance_until: nullableNumber,
  pressure: nullableText,
  cpu_percent: nullableNumber,
  created_at: z.number(),
  first_seen_at: nullableNumber,
  seen_at: nullableNumber,
  rotate_key: z.boolean(),
})

/** With how it is doing now. */
export const nodeNowSchema = nodeSchema.extend({
  sessions: z.number(),
  /** null: nothing was measured since the dashboard started. */
  latest: z.object({ at: z.number(), sample: metricSampleSchema }).nullable(),
})

export const nodeKeySchema = z.object({
  id: z.number(),
  node_id: z.number(),
  hint: z.string(),
  created_at: z.number(),
  used_at: nullableNumber,
  ended_at: nullableNumber,
  ended_reason: nullableText,
})

export const invitationSchema = z.object({
  id: z.number(),
  hint: z.string(),
  name: nullableText,
  tags: z.array(z.string()),
  created_by: z.string(),
  created_at: z.number(),
  expires_at: z.number(),
  used_at: nullableNumber,
  node_id: nullableNumber,
})

export const nodeAlertSchema = z.object({
  id: z.number(),
  node_id: z.number(),
  kind: z.enum(alertKinds),
  state: z.enum(['open', 'ended']),
  says: z.string(),
  raised_at: z.number(),
  ended_at: nullableNumber,
  ended_reason: nullableText,
})
