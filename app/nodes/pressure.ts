import { percentOf } from '../core/metric-figures.ts'
import type { MetricSample } from '../core/metric-sample.ts'
import type { NodeLimits } from '../core/node.ts'

/** What is under its limit by this share has recovered; between the two nothing changes. */
const recovers = 0.95

/**
 * Why a node gets no new prompts: "memory at 97 %". null: it may have some. A node under pressure stays so until
 * it is clearly below its limit, so that it doesn't go to and fro.
 */
export function pressureOf(
  sample: MetricSample,
  cpus: number | null,
  limits: NodeLimits,
  before: string | null,
): string | null {
  const factor = before === null ? 1 : recovers
  const { memoryPercent, celsius, loadPerCpu } = limits
  const memory = percentOf(sample.mem)
  if (reaches(memory, memoryPercent, factor)) return `memory at ${Math.round(memory!)} %`
  if (reaches(sample.temp, celsius, factor)) return `${Math.round(sample.temp!)} °C`
  const load = sample.load?.[0] ?? null
  const mostLoad = loadPerCpu === null ? null : loadPerCpu * Math.max(1, cpus ?? 1)
  if (reaches(load, mostLoad, factor))
    return `load ${load!.toFixed(1)} on ${Math.max(1, cpus ?? 1)} processors`
  return null
}

function reaches(value: number | null, limit: number | null, factor: number): boolean {
  return value !== null && limit !== null && value >= limit * factor
}
