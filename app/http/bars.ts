import type { EndedSlot } from '../db/figures.ts'

/** One bar of a small chart: heights are shares of the chart's own height of 100. */
export interface Bar {
  at: number
  completed: number
  failed: number
  /** Where the completed part begins, from the top. */
  completedTop: number
  failedTop: number
  completedHeight: number
  failedHeight: number
}

/** Smaller than this nobody sees that there was something at all. */
const leastHeight = 6

/** What ended per slice of time, as bars; the highest one fills the chart. */
export function barsOf(slots: readonly EndedSlot[], count: number, since: number, slotMs: number): Bar[] {
  const sums = Array.from({ length: count }, (_, slot) => {
    const of = (state: string) =>
      slots
        .filter((each) => each.slot === slot && each.state === state)
        .reduce((sum, each) => sum + each.count, 0)
    return { at: since + slot * slotMs, completed: of('completed'), failed: of('failed') }
  })
  const most = Math.max(1, ...sums.map(({ completed, failed }) => completed + failed))
  return sums.map((bar) => {
    const completedHeight = heightOf(bar.completed, most)
    const failedHeight = heightOf(bar.failed, most)
    const completedTop = Math.max(0, 100 - completedHeight)
    return {
      ...bar,
      completedHeight,
      failedHeight,
      completedTop,
      failedTop: Math.max(0, completedTop - failedHeight),
    }
  })
}

function heightOf(value: number, most: number): number {
  return value === 0 ? 0 : Math.max(leastHeight, Math.round((value / most) * 100))
}
