import type { MetricSample, UsedOf } from './metric-sample.ts'
import { piBits } from './metric-sample.ts'

/**
 * What is kept of a sample over time. New ones are added at the end only: what was stored before reads as
 * unknown there.
 */
export const figureNames = [
  'cpu',
  'load',
  'memory',
  'swap',
  'disk',
  'received',
  'sent',
  'temperature',
  'tmux_cpu',
  'tmux_bytes',
  'sessions_cpu',
  'sessions_bytes',
  'sessions',
  'agent_cpu',
  'agent_bytes',
  'throttled',
  'under_voltage',
] as const
export type FigureName = (typeof figureNames)[number]

/** In the order of `figureNames`; null: unknown. */
export type Figures = (number | null)[]

export function figuresOf(sample: MetricSample): Figures {
  const { sessions } = sample
  const values: Record<FigureName, number | null> = {
    cpu: sample.cpu,
    load: sample.load?.[0] ?? null,
    memory: percentOf(sample.mem),
    swap: percentOf(sample.swap),
    disk: fullestDisk(sample)?.percent ?? null,
    received: sample.net?.[0] ?? null,
    sent: sample.net?.[1] ?? null,
    temperature: sample.temp,
    tmux_cpu: sample.tmux?.[0] ?? null,
    tmux_bytes: sample.tmux?.[1] ?? null,
    sessions_cpu: sessions.reduce((sum, [, cpu]) => sum + (cpu ?? 0), 0),
    sessions_bytes: sessions.reduce((sum, [, , bytes]) => sum + bytes, 0),
    sessions: sessions.length,
    agent_cpu: sample.agent?.[0] ?? null,
    agent_bytes: sample.agent?.[1] ?? null,
    throttled: bit(sample.pi, piBits.throttled | piBits.frequencyCapped | piBits.softTemperatureLimit),
    under_voltage: bit(sample.pi, piBits.underVoltage),
  }
  return figureNames.map((name) => values[name])
}

/** null: there is none of it (a machine without swap) or it is unknown. */
export function percentOf(used: UsedOf | null): number | null {
  return used && used[1] > 0 ? Math.min(100, (used[0] / used[1]) * 100) : null
}

/** The file system that has least left, by share. */
export function fullestDisk({ disks }: MetricSample): { mount: string; percent: number } | null {
  let fullest: { mount: string; percent: number } | null = null
  for (const [mount, used, total] of disks) {
    const percent = percentOf([used, total])
    if (percent !== null && percent > (fullest?.percent ?? -1)) fullest = { mount, percent }
  }
  return fullest
}

function bit(flags: number | null, mask: number): number | null {
  if (flags === null) return null
  return (flags & mask) === 0 ? 0 : 1
}
