import type { EpochMs } from '../../core/clock.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How finely the past is kept, and for how long. */
export interface Tier {
  stepMs: number
  keepMs: number
}

/*
 * Ten seconds for what is happening, a minute for today, ten minutes for the week in which somebody asks what
 * changed, an hour for the season. 4,968 places for each node, some 1.2 MB, whatever it sends: each tier is a ring
 * whose places are written over, so that nothing has to be deleted and no clock can make it grow.
 */
export const tiers: readonly Tier[] = [
  { stepMs: 10 * second, keepMs: hour },
  { stepMs: minute, keepMs: day },
  { stepMs: 10 * minute, keepMs: 7 * day },
  { stepMs: hour, keepMs: 90 * day },
]

export function slotOf({ stepMs }: Tier, at: EpochMs): EpochMs {
  return Math.floor(at / stepMs) * stepMs
}

/** The place of a slot in its tier's ring. */
export function placeOf({ stepMs, keepMs }: Tier, slot: EpochMs): number {
  return (slot / stepMs) % (keepMs / stepMs)
}

/** The finest tier that reaches back so far. */
export function tierFor(spanMs: number): number {
  const found = tiers.findIndex(({ keepMs }) => spanMs <= keepMs)
  return found < 0 ? tiers.length - 1 : found
}
