import type { EpochMs } from './clock.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** How long ago, in the coarsest unit that still says something: `now`, `12 s`, `4 min`, `3 h`, `5 d`. */
export function renderAge(at: EpochMs | null, now: EpochMs): string {
  if (at === null) return ''
  const age = Math.max(0, now - at)
  if (age < secondMs) return 'now'
  if (age < minuteMs) return `${Math.floor(age / secondMs)} s`
  if (age < hourMs) return `${Math.floor(age / minuteMs)} min`
  if (age < 2 * dayMs) return `${Math.floor(age / hourMs)} h`
  return `${Math.floor(age / dayMs)} d`
}
