import type { HierarchyRules, Tier } from '../../core/hierarchy.ts'
import type { SessionSettings } from '../../db/session-settings.ts'
import type { LiveSession } from '../../core/fleet.ts'
import type { Room } from '../../db/room.ts'

/** What is needed to count who works. */
interface Counting {
  rules: HierarchyRules
  settingsOf: (session: LiveSession) => SessionSettings
  /** Those that have an attempt under way. */
  working: readonly LiveSession[]
}

/**
 * How many sessions of each tier and of each manager work now, and whether one more may, as far as one assigner sees
 * them. Where others work on the same database, the claim counts all (`roomFor`).
 */
export class AtOnce {
  readonly #counting: Counting
  readonly #working = new Map<string, number>()

  constructor(counting: Counting) {
    this.#counting = counting
    for (const session of counting.working) this.count(session)
  }

  /** One more works. */
  count(session: LiveSession): void {
    for (const group of this.#groupsOf(session)) this.#working.set(group, this.#countOf(group) + 1)
  }

  isFull(session: LiveSession): boolean {
    return this.#groupsOf(session).some((group) => this.#countOf(group) >= this.#limitOf(group))
  }

  /** Whether all of these may work together, beside those that do. */
  hasRoomFor(sessions: readonly LiveSession[]): boolean {
    const wanted = sessions.flatMap((session) => this.#groupsOf(session))
    const groups = [...new Set(wanted)]
    return groups.every((group) => {
      const more = wanted.filter((other) => other === group).length
      return this.#countOf(group) + more <= this.#limitOf(group)
    })
  }

  /** `worker`, and `per_manager architect` where somebody leads it. */
  #groupsOf(session: LiveSession): string[] {
    const { tier, manager } = this.#counting.settingsOf(session)
    return [tier ?? 'worker', ...(manager === null ? [] : [`per_manager ${manager}`])]
  }

  #countOf(group: string): number {
    return this.#working.get(group) ?? 0
  }

  #limitOf(group: string): number {
    const most = this.#counting.rules.at_once
    return group.startsWith('per_manager ') ? most.per_manager : most[group as Tier]
  }
}

/** What the claim of a session counts in the database. */
export function roomFor({ tier, manager }: SessionSettings, { at_once: most }: HierarchyRules): Room {
  const of = tier ?? 'worker'
  return { tier: of, ofTier: most[of], manager, ofManager: most.per_manager }
}
