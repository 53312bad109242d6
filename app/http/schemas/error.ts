import { z } from 'zod'
import { errorStates, reportRatesSchema, sampleKinds } from '../../core/reported-error.ts'

/** In snake case, as everything in the API; `app/core/reported-error.ts` says what they mean. */
export const errorSchema = z.object({
  id: z.number(),
  group_id: z.number(),
  error_type: z.string(),
  message: z.string(),
  source: z.string(),
  count: z.number(),
  first_seen_at: z.number(),
  last_seen_at: z.number(),
  node: z.string(),
  state: z.enum(errorStates),
})

export const errorGroupSchema = z.object({
  id: z.number(),
  state: z.enum(errorStates),
  fingerprint: z.string(),
  fingerprint_version: z.number(),
  error_type: z.string(),
  message: z.string(),
  source: z.string(),
  count: z.number(),
  errors: z.number(),
  unlisted: z.number(),
  nodes: z.number(),
  first_seen_at: z.number(),
  last_seen_at: z.number(),
  first_node: z.string(),
  last_node: z.string(),
  changed_at: z.number(),
  changed_by: z.string().nullable(),
  prompt_id: z.number().nullable(),
})

export const errorHourSchema = z.object({ hour: z.number(), count: z.number() })

export const errorSampleSchema = z.object({
  kind: z.enum(sampleKinds),
  at: z.number(),
  node: z.string(),
  session: z.string().nullable(),
  message: z.string(),
  stack: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
})

export const errorPlaceSchema = z.object({
  node: z.string(),
  count: z.number(),
  first_seen_at: z.number(),
  last_seen_at: z.number(),
})

export const refusalsSchema = z.object({
  node: z.string(),
  source: z.string(),
  reason: z.string(),
  count: z.number(),
  last_at: z.number(),
})

const rates = reportRatesSchema.shape
export const reportRatesBody = z.strictObject({
  per_second: rates.perSecond.describe('of one source on one node, on average'),
  burst: rates.burst.describe('of one source on one node, at once'),
  address_per_second: rates.addressPerSecond.describe('of one network address, on average'),
  address_burst: rates.addressBurst.describe('of one network address, at once'),
  kinds_per_minute: rates.kindsPerMinute.describe('never seen before, of one network address'),
})
