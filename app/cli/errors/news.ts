import type { ErrorGroup, ErrorId } from '../../core/reported-error.ts'

/** What was told: how often each group had happened, and the time of the latest. */
export interface Seen {
  counts: ReadonlyMap<ErrorId, number>
  at: number
}

/** Of groups, those that happened since then, the oldest first, and how often; with what has been seen after that. */
export function newsSince(
  seen: Seen,
  groups: readonly ErrorGroup[],
): { news: { group: ErrorGroup; times: number }[]; next: Seen } {
  const news = groups
    .map((group) => ({ group, times: group.count - (seen.counts.get(group.id) ?? firstCount(group, seen)) }))
    .filter(({ times }) => times > 0)
    .toSorted((a, b) => a.group.lastSeenAt - b.group.lastSeenAt)
  const counts = new Map(seen.counts)
  for (const { id, count } of groups) counts.set(id, count)
  return { news, next: { counts, at: Math.max(seen.at, ...groups.map(({ lastSeenAt }) => lastSeenAt)) } }
}

/** A group that is older than the tail is told once more when it happens, not with all of its past. */
function firstCount({ firstSeenAt, count }: ErrorGroup, { at }: Seen): number {
  return firstSeenAt >= at ? 0 : count - 1
}
