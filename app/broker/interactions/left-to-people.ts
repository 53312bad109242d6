import type { InteractionAnswer } from '../../core/interaction.ts'
import type { Decision } from '../../core/pattern.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'

/*
 * What a session may not answer although it leads the one that asks: rules stand above sessions, and what is not
 * understood is never allowed. Each reason ends a sentence that begins with "because".
 */

type Asked = Pick<StoredInteraction, 'kind' | 'options' | 'unsure' | 'input' | 'screen'>

/** Characters of a command or a plan that an agent is shown as a whole; who reads a part of it judges blindly. */
const longestRead = 4_000

/** What rules and policies say, as far as that is known here. */
export type Ruling = Decision | 'switched_off' | 'not_known_yet'

/**
 * Why a person has to answer this; null: a session may. Of a permission only that is left to sessions about which
 * no rule speaks: one that says "ask" means a person, and so does whatever is not certain.
 */
export function whyLeftToPeople(asked: Asked, ruling: Ruling): string | null {
  const { kind, unsure } = asked
  if (ruling === 'switched_off') return 'automatic answers are switched off'
  if (unsure !== null) return `it could not be read with certainty (${unsure})`
  if (kind === 'question') return null
  if (subjectOf(asked).length > longestRead) return 'it is longer than a session is shown'
  if (kind !== 'permission') return null
  if (ruling === 'not_known_yet') return 'nobody has looked yet at what rules say; try again in a moment'
  if (ruling.by.kind === 'policy') return null
  return `rules leave it to people: ${ruling.reason.replace(/\.$/, '')}`
}

/** What is judged by whoever answers: a command, a change, a plan, as it would be done; '' of a question. */
export function subjectOf({ kind, input, screen }: Pick<Asked, 'kind' | 'input' | 'screen'>): string {
  if (kind === 'question') return ''
  const { command, text, paths = [], url = '' } = input
  return (kind === 'plan' ? undefined : command) ?? screen ?? text ?? [...paths, url].join(' ')
}

/** Why a session may not say just this; null: it may. A yes that also holds for later is for people. */
export function whyNotSayable(
  { kind, options }: Pick<Asked, 'kind' | 'options'>,
  { meaning, option, text }: InteractionAnswer,
): string | null {
  if (kind === 'question' || meaning === 'allow_once' || meaning === 'deny') return null
  if (kind === 'plan' && text !== null) return null
  const label = option === null ? 'that' : `"${options[option]?.label ?? ''}"`
  return meaning === 'allow_always'
    ? `${label} allows more than this once`
    : `to a ${kind} a session says yes or no, and ${label} is neither`
}
