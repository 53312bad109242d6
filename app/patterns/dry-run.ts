import type { Ask, InteractionAnswer, InteractionId } from '../core/interaction.ts'
import type { Effect, Pattern, Policy } from '../core/pattern.ts'
import type { DecisionContext } from './context.ts'
import { decide } from './decide.ts'
import { findConcern } from './shipped/index.ts'

/** An interaction of the past, with where it was asked and what was answered. */
export interface PastInteraction {
  id: InteractionId
  ask: Ask
  context: DecisionContext
  /** null: nobody answered it. */
  answer: Pick<InteractionAnswer, 'meaning'> | null
}

/** One interaction that would have gone differently. */
export interface DryRunCase {
  id: InteractionId
  /** What would have been decided without the pattern, and with it. */
  before: Effect
  after: Effect
  reason: string
  /** What a shipped rule says about it ("overwrites what others have pushed"); null when none does. */
  concern: string | null
  /** A person answered otherwise than the pattern would have. */
  contradicts: boolean
}

export interface DryRun {
  looked: number
  wouldAllow: number
  wouldDeny: number
  /** Of those that it would allow, how many a shipped rule warns about, and how many a person had denied. */
  concerns: number
  contradictions: number
  /** "Would have approved 41 of 120, 2 of them force pushes." */
  says: string
  cases: DryRunCase[]
}

/**
 * What a pattern would have changed, had it been live beside the others. It is tried as it stands, whatever its
 * state; a version of it that is live already doesn't count as one of the others.
 */
export function dryRun(
  tried: Pattern,
  history: PastInteraction[],
  others: Pattern[],
  policy: Policy,
): DryRun {
  const rest = others.filter(({ id }) => id !== tried.id)
  const cases = history
    .map((past) => caseOf(past, tried, rest, policy))
    .filter(({ before, after }) => before !== after)
  const allowed = cases.filter(({ after }) => after === 'allow')
  const denied = cases.filter(({ after }) => after === 'deny')
  const concerned = allowed.filter(({ concern }) => concern !== null)
  const contradicting = cases.filter(({ contradicts }) => contradicts)
  return {
    looked: history.length,
    wouldAllow: allowed.length,
    wouldDeny: denied.length,
    concerns: concerned.length,
    contradictions: contradicting.length,
    says: sentence(history.length, allowed, denied, contradicting.length),
    cases,
  }
}

function caseOf(
  { id, ask, context, answer }: PastInteraction,
  tried: Pattern,
  rest: Pattern[],
  policy: Policy,
): DryRunCase {
  const before = decide(ask, context, rest, policy).effect
  const { effect: after, reason } = decide(ask, context, [{ ...tried, state: 'live' }, ...rest], policy)
  return {
    id,
    before,
    after,
    reason,
    concern: findConcern(ask, context),
    contradicts: contradicts(after, answer),
  }
}

function contradicts(after: Effect, answer: PastInteraction['answer']): boolean {
  if (answer === null || after === 'ask') return false
  return after === 'allow'
    ? answer.meaning === 'deny'
    : answer.meaning === 'allow_once' || answer.meaning === 'allow_always'
}

function sentence(
  looked: number,
  allowed: DryRunCase[],
  denied: DryRunCase[],
  contradictions: number,
): string {
  const parts = [`Would have approved ${allowed.length} of ${looked}${concernsOf(allowed)}`]
  if (denied.length > 0) parts.push(`denied ${denied.length}`)
  const people = contradictions === 0 ? '' : ` People had answered ${contradictions} of them the other way.`
  return `${parts.join(', and ')}.${people}`
}

/** ", 2 of them force pushes": what shipped rules warn about, most frequent first. */
function concernsOf(cases: DryRunCase[]): string {
  const counts = new Map<string, number>()
  for (const { concern } of cases) if (concern !== null) counts.set(concern, (counts.get(concern) ?? 0) + 1)
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a)
  return sorted.map(([concern, count]) => `, ${count} of which ${concern}`).join('')
}
