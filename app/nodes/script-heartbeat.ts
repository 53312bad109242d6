import { z } from 'zod'
import type { MetricSample } from '../core/metric-sample.ts'
import { metricSampleSchema } from '../core/metric-schema.ts'

const percent = z.number().min(0).max(100).nullish()
const load = z.number().min(0).max(1e6)

/**
 * What a script posts about its machine; everything may be missing, and what we don't know is passed over. Whoever
 * measures as finely as a node agent sends `sample`.
 */
export const scriptHeartbeatSchema = z.object({
  cpu_percent: percent,
  memory_percent: percent,
  disk_percent: percent,
  temperature: z.number().min(-100).max(200).nullish().describe('°C'),
  load_average: z.union([load, z.tuple([load, load, load])]).nullish(),
  uptime_seconds: z.number().min(0).nullish(),
  sample: metricSampleSchema.optional(),
})
export type ScriptHeartbeat = z.infer<typeof scriptHeartbeatSchema>

/** null: it only says that it lives. */
export function sampleOf(beat: ScriptHeartbeat, now: number): MetricSample | null {
  if (beat.sample) return beat.sample
  const { cpu_percent: cpu, memory_percent: mem, disk_percent: disk, temperature, load_average } = beat
  const values = [cpu, mem, disk, temperature, load_average, beat.uptime_seconds]
  if (values.every((value) => value === null || value === undefined)) return null
  return {
    at: now,
    cpu: cpu ?? null,
    load:
      typeof load_average === 'number' ? [load_average, load_average, load_average] : (load_average ?? null),
    mem: share(mem),
    swap: null,
    disks: share(disk) ? [['/', ...share(disk)!]] : [],
    net: null,
    temp: temperature ?? null,
    up: beat.uptime_seconds ?? null,
    tmux: null,
    agent: null,
    sessions: [],
    pi: null,
  }
}

/** Of a hundred: a script knows no bytes. */
function share(value: number | null | undefined): [number, number] | null {
  return value === null || value === undefined ? null : [value, 100]
}
