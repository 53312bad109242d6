import type { EpochMs } from '../core/clock.ts'
import { UsageError } from './failure.ts'

/** Strict: `5x`, `0x10` and `1e3` are refused. */
export function parseWholeNumber(flag: string, value: string, least: number, most: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (!(number >= least && number <= most)) {
    throw new UsageError(`${flag} takes a whole number from ${least} to ${most}; "${value}" is none.`)
  }
  return number
}

/** The number of a prompt, also written as `#7`. */
export function parsePrompt(flag: string, value: string): number {
  const id = /^#?(\d{1,15})$/.exec(value)?.[1]
  if (id === undefined || Number(id) === 0) {
    throw new UsageError(
      `${flag} takes the number of a prompt; "${value}" is none. ./deploy.sh prompts lists them.`,
    )
  }
  return Number(id)
}

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `30m`, `2h`, `3d` from now; `18:30` the next time it is that late here; or an ISO date and time. */
export function parseMoment(flag: string, value: string, now: EpochMs): EpochMs {
  const span = /^(\d{1,9})([smhd])$/.exec(value)
  if (span) return now + Number(span[1]) * unitMs[span[2]!]!
  const time = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(value)
  if (time) return nextTimeOfDay(Number(time[1]), Number(time[2]), now)
  const at = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$/.test(value)
    ? Date.parse(value.replace(' ', 'T'))
    : Number.NaN
  if (Number.isNaN(at)) {
    throw new UsageError(
      `${flag} takes a span (90s, 30m, 2h, 3d), a time (18:30) or a date; "${value}" is none.`,
    )
  }
  if (at <= now) throw new UsageError(`${flag} ${value} is over already.`)
  return at
}

function nextTimeOfDay(hours: number, minutes: number, now: EpochMs): EpochMs {
  const at = new Date(now)
  at.setHours(hours, minutes, 0, 0)
  if (at.getTime() <= now) at.setDate(at.getDate() + 1)
  return at.getTime()
}
