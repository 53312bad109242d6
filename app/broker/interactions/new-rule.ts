import type { Actor } from '../../core/account.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { InteractionId } from '../../core/interaction.ts'
import type { Conditions, Effect, NewPattern, Pattern, PatternId } from '../../core/pattern.ts'
import { getInteraction, listInteractions } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { createPattern } from '../../db/pattern/change.ts'
import { livePatterns } from '../../db/pattern/read.ts'
import { getPermissions } from '../../db/permissions.ts'
import { getSessionSettings } from '../../db/session-settings.ts'
import type { Database } from '../../db/open.ts'
import type { Db } from '../../db/schema.ts'
import { dryRun, type DryRun } from '../../patterns/dry-run.ts'
import { patternFrom, type PatternSuggestions } from '../../patterns/pattern-from.ts'
import { contextOf, type Store } from './judge.ts'

/** What a person says of a rule that is made from an interaction; the rest follows from what was asked. */
export interface RuleWish {
  name?: string | undefined
  effect: Exclude<Effect, 'ask'>
  /** Other conditions than the narrow ones. */
  conditions?: Conditions | undefined
  /** The so-manieth of the wider suggestions, from 1. */
  wider?: number | undefined
}

/** Rules that would answer this and its like, the narrow one first; null when it isn't certain what it does. */
export async function suggestRules(
  { kysely, dataDir }: Store,
  interaction: StoredInteraction,
  effect: RuleWish['effect'],
): Promise<PatternSuggestions | null> {
  return patternFrom(interaction, contextOf(await whereOf(kysely, interaction), dataDir), effect)
}

/** Stores it as a draft. Throws `invalid` where the request could not be read well enough to make a rule of it. */
export async function ruleFromInteraction(
  { database, clock }: { database: Database; clock: Clock },
  id: InteractionId,
  { name, effect, conditions, wider }: RuleWish,
  by: Actor,
): Promise<Pattern> {
  const interaction = await getInteraction(database.kysely, id)
  const suggestions = await suggestRules(database, interaction, effect)
  const chosen = wider === undefined ? suggestions?.narrow : suggestions?.wider[wider - 1]
  const suggested = chosen && { ...chosen.pattern, ...(name !== undefined && { name }) }
  const own = conditions && { name: name ?? suggested?.name ?? `Interaction ${id}`, effect, conditions }
  const rule = own ?? suggested
  if (suggestions && !rule) {
    const most = suggestions.wider.length
    const sentence = most === 0 ? 'There is none that is wider' : `The widest is number ${most}`
    throw new AppError('invalid', `${sentence} of the rules that fit interaction ${id}.`)
  }
  if (!rule) {
    const why = interaction.unsure ?? 'it is not certain what it does'
    throw new AppError(
      'invalid',
      `No rule can be made from interaction ${id}, because ${why}. Write its conditions yourself.`,
    )
  }
  const origin = { createdBy: by.name, madeFrom: id }
  return database.by(by).write((db) => createPattern(db, rule, origin, clock.now()))
}

/** What a rule would have changed that is not stored; those of `replaces` don't count beside it. */
export function tryNewRule(
  store: Store,
  { name, effect, conditions, note = '' }: NewPattern,
  replaces: PatternId | null,
): Promise<TriedRule> {
  const unstored = { version: 0, state: 'draft', madeFrom: null, createdBy: '', createdAt: 0 } as const
  return tryRule(store, { name, effect, conditions, note, ...unstored, id: replaces ?? 0, updatedAt: 0 })
}

export type TriedRule = DryRun

/** As many interactions of the past as a rule is tried on. */
const triedOn = 2_000

/** What a rule would have changed, had it been live: tried on what was asked and kept. */
export async function tryRule({ kysely: db, dataDir }: Store, pattern: Pattern): Promise<TriedRule> {
  const [past, others, { policy }] = await Promise.all([
    listInteractions(db, { limit: triedOn }),
    livePatterns(db),
    getPermissions(db),
  ])
  const places = new Map<string, ReturnType<typeof contextOf>>()
  for (const one of past) {
    const place = placeOf(one)
    if (!places.has(place)) places.set(place, contextOf(await whereOf(db, one), dataDir))
  }
  const history = past.map((one) => {
    return { id: one.id, ask: one, context: places.get(placeOf(one))!, answer: one.answer }
  })
  return dryRun(pattern, history, others, { ...policy, tiers: manual })
}

/** What a tier is granted anyway is shown as well: a rule is judged by all that it approves. */
const manual = { high_level: 'manual', manager: 'manual', worker: 'manual' } as const

function placeOf({ node, sessionName, cwd }: StoredInteraction): string {
  return `${node}\n${sessionName}\n${cwd}`
}

async function whereOf(db: Db, { node, sessionName, cwd }: StoredInteraction) {
  const settings = await getSessionSettings(db, node, sessionName)
  return { cwd, session: sessionName, tier: settings?.tier ?? ('worker' as const), trusted: true }
}
