import type { EpochMs } from '../core/clock.ts'

/** A small line without axes: pieces of an SVG path, one for each stretch without a gap. */
export interface Sparkline {
  path: string
  width: number
  height: number
}

/**
 * `highest` is the top of the drawing; unknown values, and steps that are missing, are gaps. A stretch of one value
 * is a dot.
 */
export function sparklineOf(
  values: readonly (number | null)[],
  times: readonly EpochMs[],
  { from, until, stepMs, highest }: { from: EpochMs; until: EpochMs; stepMs: number; highest: number },
): Sparkline {
  const [width, height] = [120, 28]
  const x = (at: EpochMs) => round(((at - from) / Math.max(1, until - from)) * width)
  const y = (value: number) =>
    round(height - 1 - (Math.min(highest, Math.max(0, value)) / highest) * (height - 2))
  let path = ''
  let before: EpochMs | null = null
  for (const [index, value] of values.entries()) {
    const at = times[index]!
    if (value === null || at < from) {
      before = null
      continue
    }
    const isNext = before !== null && at - before <= 2 * stepMs
    path += isNext ? `L${x(at)} ${y(value)}` : `M${x(at)} ${y(value)}h.01`
    before = at
  }
  return { path, width, height }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
