import type { EpochMs } from '../core/clock.ts'

/**
 * When a usage limit ends, as agents say it: "3:29am (UTC)", "Nov 24, 2:29am", "3pm (Europe/Berlin)",
 * "4:03 AM", "in 2 hours 5 minutes", "4s". Always after `now`: a time of day that has passed is tomorrow's.
 * Without a zone, or with one that nobody knows, it is this machine's local time. Null when it names no time.
 */
export function parseLimitTime(text: string, now: EpochMs): EpochMs | null {
  const said = text.replace(/\s+/g, ' ')
  return parseClock(said, now) ?? parseSpan(said, now)
}

const clock =
  /(?:\b(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?<day>\d{1,2})(?:st|nd|rd|th)?,?(?: (?<year>\d{4}),?)?(?: at)? )?(?<![\d:])(?<hour>\d{1,2})(?::(?<minute>\d{2}))? ?(?<half>[ap]m)(?: ?\(?(?<zone>UTC|GMT|[A-Z][A-Za-z_]+\/[A-Za-z_/+-]+)\)?)?/i
const span = /(\d+) ?(days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])/gi
const unitMs: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function parseClock(text: string, now: EpochMs): EpochMs | null {
  const found = clock.exec(text)?.groups
  if (!found) return null
  const hour = (Number(found.hour) % 12) + (found.half?.toLowerCase() === 'pm' ? 12 : 0)
  const minute = Number(found.minute ?? 0)
  if (Number(found.hour) > 12 || minute > 59) return null
  const zone = knownZone(found.zone)
  const today = wallDate(now, zone)
  if (found.month === undefined) {
    const at = (days: number) => epochOf([today.year, today.month, today.day + days, hour, minute], zone)
    return at(0) > now ? at(0) : at(1)
  }
  const month = months.indexOf(found.month.slice(0, 3).toLowerCase())
  const year = Number(found.year ?? today.year)
  const at = (years: number) => epochOf([year + years, month, Number(found.day), hour, minute], zone)
  return at(0) > now ? at(0) : at(1)
}

function parseSpan(text: string, now: EpochMs): EpochMs | null {
  let total = 0
  for (const [, count, unit] of text.matchAll(span))
    total += Number(count) * (unitMs[unit?.[0]?.toLowerCase() ?? ''] ?? 0)
  return total > 0 ? now + total : null
}

type WallTime = [year: number, month: number, day: number, hour: number, minute: number]

/** The zone's name if this system knows it, undefined for local time. */
function knownZone(zone: string | undefined): string | undefined {
  if (zone === undefined) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function wallDate(at: EpochMs, timeZone: string | undefined) {
  const [year = 0, month = 1, day = 1] = wallParts(at, timeZone)
  return { year, month: month - 1, day }
}

function epochOf(wall: WallTime, timeZone: string | undefined): EpochMs {
  if (timeZone === undefined) return new Date(...wall).getTime()
  const asUtc = Date.UTC(...wall)
  // Twice, because the offset at the guess can be that of the other side of a clock change.
  const first = asUtc - offsetMs(asUtc, timeZone)
  return asUtc - offsetMs(first, timeZone)
}

function offsetMs(at: EpochMs, timeZone: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = wallParts(at, timeZone)
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / 60_000) * 60_000
}

function wallParts(at: EpochMs, timeZone: string | undefined): number[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...(timeZone === undefined ? {} : { timeZone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  return ['year', 'month', 'day', 'hour', 'minute'].map((name) => parts[name] ?? 0)
}
