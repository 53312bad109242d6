import type { EpochMs } from '../../core/clock.ts'

export { renderAge } from '../../core/age.ts'

const secondMs = 1000

/** A stopwatch's time: `0:07`, `6:12`, `1:02:03`. */
export function renderDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / secondMs))
  const seconds = String(total % 60).padStart(2, '0')
  const minutes = Math.floor(total / 60) % 60
  const hours = Math.floor(total / 3600)
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** A moment as the people at this machine write it: `14:05` today, `2026-11-22 14:05` otherwise. */
export function renderMoment(at: EpochMs, now: EpochMs): string {
  const text = new Date(at).toLocaleString('sv').slice(0, 16)
  return new Date(now).toLocaleString('sv').slice(0, 10) === text.slice(0, 10) ? text.slice(11) : text
}
