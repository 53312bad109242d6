import type { EpochMs } from '../core/clock.ts'

const hourMs = 3_600_000

/** A small chart without axes: a path with one bar for each hour in which something happened. */
export interface HourBars {
  path: string
  width: number
  height: number
  /** Of the highest bar. */
  most: number
}

/** The last hours up to `until`, the running one at the right. The smallest count is still seen. */
export function hourBars(
  counts: readonly { hour: EpochMs; count: number }[],
  { until, hours }: { until: EpochMs; hours: number },
): HourBars {
  const [step, height] = [5, 28]
  const last = until - (until % hourMs)
  const most = Math.max(0, ...counts.map(({ count }) => count))
  const path = counts
    .filter(({ hour }) => hour <= last && hour > last - hours * hourMs)
    .map(({ hour, count }) => {
      const x = (hours - 1 - (last - hour) / hourMs) * step
      const tall = Math.max(2, Math.round((count / most) * height))
      return `M${x} ${height}v-${tall}h${step - 1}v${tall}z`
    })
    .join('')
  return { path, width: hours * step, height, most }
}
