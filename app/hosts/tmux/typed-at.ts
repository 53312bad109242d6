import type { EpochMs } from '../../core/clock.ts'
import { command } from './quote.ts'

/** Lists who is attached: control clients and read-only ones never type. */
export const listTypists = command(
  'list-clients',
  '-F',
  '#{client_control_mode}#{?client_readonly,1,0} #{client_created} #{client_activity} #{window_id}',
)

/** Window ids, and when somebody last typed there. */
export type Typists = ReadonlyMap<string, EpochMs>

/**
 * When somebody last pressed a key in a client that shows a window, by window id. Attaching counts as activity
 * for tmux, so the first second of a client does not count here.
 */
export function readTypists(lines: string[]): Typists {
  const typedAt = new Map<string, EpochMs>()
  for (const line of lines) {
    const [kind, created, activity, windowId] = line.split(' ')
    if (kind !== '00' || windowId === undefined || Number(activity) <= Number(created) + 1) continue
    typedAt.set(windowId, Math.max(typedAt.get(windowId) ?? 0, Number(activity) * 1000))
  }
  return typedAt
}
