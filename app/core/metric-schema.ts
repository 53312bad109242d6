import { z } from 'zod'
import { sampleLimits, type MetricSample } from './metric-sample.ts'

const percent = z.number().min(0).max(100)
/** Of one core: a session may use several. */
const corePercent = z.number().min(0).max(1_000_000).nullable()
const bytes = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
const load = z.number().min(0).max(1e6)

/** A node's word on how it is doing. What is left out is unknown. */
export const metricSampleSchema: z.ZodType<MetricSample, unknown> = z.object({
  at: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  age: z
    .number()
    .min(0)
    .max(90 * 86_400_000)
    .optional(),
  cpu: percent.nullable().default(null),
  load: z.tuple([load, load, load]).nullable().default(null),
  mem: z.tuple([bytes, bytes]).nullable().default(null),
  swap: z.tuple([bytes, bytes]).nullable().default(null),
  disks: z
    .array(z.tuple([z.string().max(sampleLimits.mountChars), bytes, bytes]))
    .max(sampleLimits.disks)
    .default([]),
  net: z.tuple([bytes, bytes]).nullable().default(null),
  temp: z.number().min(-100).max(200).nullable().default(null),
  up: z.number().min(0).nullable().default(null),
  tmux: z.tuple([corePercent, bytes]).nullable().default(null),
  agent: z.tuple([corePercent, bytes]).nullable().default(null),
  sessions: z
    .array(z.tuple([z.string().max(sampleLimits.keyChars), corePercent, bytes]))
    .max(sampleLimits.sessions)
    .default([]),
  pi: z.number().int().min(0).max(0xffffffff).nullable().default(null),
}) as z.ZodType<MetricSample, unknown>
