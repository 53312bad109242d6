import type { EpochMs } from '../../core/clock.ts'
import type { NoticeKind, NotificationRules } from '../../core/notification.ts'

const minuteMs = 60_000
const minutesOfDay = 24 * 60

/** When something of this kind may be told; `now` outside of quiet hours, and for what is urgent. */
export function toldAt(kind: NoticeKind, { quiet }: NotificationRules, now: EpochMs): EpochMs {
  if (!quiet || (kind === 'needs_person' && quiet.urgentThrough)) return now
  const { from, to, timeZone } = quiet
  if (!isQuiet(now, from, to, timeZone)) return now
  // Minute by minute, as clocks on walls go: a day that gains or loses an hour ends its night at the same hour.
  let at = Math.floor(now / minuteMs) * minuteMs
  for (let minute = 0; minute <= minutesOfDay + 60; minute++) {
    at += minuteMs
    if (!isQuiet(at, from, to, timeZone)) return at
  }
  return now
}

function isQuiet(at: EpochMs, from: string, to: string, timeZone: string): boolean {
  const time = wallClock(at, timeZone)
  if (from === to) return false
  return from < to ? time >= from && time < to : time >= from || time < to
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** `22:05`, in a time zone. */
function wallClock(at: EpochMs, timeZone: string): string {
  let clock = clocks.get(timeZone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    clocks.set(timeZone, clock)
  }
  return clock.format(at)
}
