import { randomBytes } from 'node:crypto'
import type { Actor } from '../../core/account.ts'
import type { InteractionAnswer, SessionWish } from '../../core/interaction.ts'
import type { Decision } from '../../core/pattern.ts'
import { advanceInteraction, type InteractionChanges } from '../../db/interaction/advance.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { refuseWish } from '../../db/interaction/wish.ts'
import { PaneLease } from '../pane-lease.ts'
import { spokenName, type Tools } from '../tools.ts'
import { answerLeaseMs } from './answer.ts'
import { give, storedAnswer, type Giving } from './give.ts'
import { ruleActor } from './rule-name.ts'
import { settleAnswer } from './settle.ts'

/** An answer that the assigner gives by itself: a rule's, or one that a session wished. */
export interface Chosen {
  actor: Actor
  answer: InteractionAnswer
  /** Names it in the pane's marker. */
  token: string
  by: Required<Pick<InteractionChanges, 'decidedBy'>> & Pick<InteractionChanges, 'decision'>
  /** Of whom it was wished; null: a rule's. */
  wish: SessionWish | null
  /** Asked before each key, as the one who wished may have lost the right; null: a rule's needs none. */
  whyNot: WhyNot | null
}

type WhyNot = NonNullable<Giving['whyNot']>

/** What a rule answers; null: it waits for a person, or the dialog offers nothing that means just that. */
export function chosenByRule(one: StoredInteraction, decision: Decision): Chosen | null {
  const option = optionFor(one, decision)
  if (option === undefined) return null
  const meaning = decision.effect === 'allow' ? ('allow_once' as const) : ('deny' as const)
  return {
    actor: ruleActor(decision),
    answer: { meaning, option, text: null },
    token: randomBytes(6).toString('hex'),
    by: { decision, decidedBy: decision.by },
    wish: null,
    whyNot: null,
  }
}

export function chosenBySession(wish: SessionWish, whyNot: WhyNot): Chosen {
  const { node, name, answer, token } = wish
  return {
    actor: { kind: 'session', name, address: null },
    answer,
    token,
    by: { decidedBy: { kind: 'session', node, name } },
    wish,
    whyNot,
  }
}

/** Which option a decision means; null: Escape. undefined: the dialog offers none that means just that. */
function optionFor({ options }: StoredInteraction, { effect }: Decision): number | null | undefined {
  if (effect === 'ask') return undefined
  const option = options.findIndex(({ meaning }) => meaning === (effect === 'allow' ? 'allow_once' : 'deny'))
  if (option >= 0) return option
  return effect === 'deny' ? null : undefined
}

/** Gives it. It is stored before any key is pressed; throws `conflict` when anybody was faster. */
export async function carryOut(tools: Tools, one: StoredInteraction, chosen: Chosen, signal: AbortSignal) {
  const { database, clock } = tools
  const { actor, answer, token, by, wish, whyNot } = chosen
  const changes = { ...by, answer, token, answerUntil: clock.now() + answerLeaseMs, reason: null }
  const decided = await database
    .by(actor)
    .write((db) => advanceInteraction(db, one.id, 'decide', changes, clock.now(), one))
  const stored = storedAnswer(decided, answer, token)
  const lease = new PaneLease(tools, stored.pane)
  const given = await give(
    tools,
    {
      ...stored,
      byRule: true,
      hold: async () => (await lease.hold()) !== null,
      ...(whyNot && { whyNot }),
    },
    signal,
  )
  await database.by(actor).write(async (db) => {
    const settled = await settleAnswer(db, one.id, given, clock.now())
    const isLeft = wish !== null && given.how !== 'given' && given.how !== 'unknown'
    if (isLeft) await refuseWish(db, settled, wish, given.because, clock.now())
  })
  await database.bus.notify('sessions')
  const done = given.how === 'given' ? doneWords[answer.meaning] : `not answered: ${given.because}`
  tools.progress(`${spokenName(tools, one.sessionName)} asked (${one.tool}): ${done} by ${actor.name}`)
}

const doneWords: Record<InteractionAnswer['meaning'], string> = {
  allow_once: 'approved',
  allow_always: 'approved',
  deny: 'denied',
  answer: 'answered',
  other: 'answered',
}
