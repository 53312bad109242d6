import type { EpochMs } from '../../core/clock.ts'
import type { InteractionId, SessionWish } from '../../core/interaction.ts'
import { endsWith } from '../../core/signals.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { refuseWish, waitingWish } from '../../db/interaction/wish.ts'
import { deciderOf, isTooOld, tooOld, type WishTools } from './session-wish.ts'

/** A notification may be lost: looked at again after this. */
const lookAgainMs = 1_000

/**
 * What became of an answer that a session wants to give. `given`: the dialog has taken it. `giving`: keys may be
 * pressed for it. `refused`: nothing was answered. `unknown`: it may have been.
 */
export type WishFate = { is: 'given' | 'giving' | 'waiting' } | { is: 'refused' | 'unknown'; because: string }

/** Resolves when it is over, in whichever way. Rejects with the signal's reason. */
export async function fateOfWish(
  { database, clock }: WishTools,
  id: InteractionId,
  wish: SessionWish,
  signal: AbortSignal,
): Promise<WishFate> {
  for (;;) {
    using waking = endsWith(signal)
    const unsubscribe = database.bus.subscribe(waking.end)
    try {
      const fate = fateNow(await getInteraction(database.kysely, id), wish, clock.now())
      if (fate.is !== 'waiting' && fate.is !== 'giving') return fate
      signal.throwIfAborted()
      await clock.sleep(lookAgainMs, waking.signal)
    } finally {
      unsubscribe()
    }
  }
}

/** Takes back what nobody has begun to give, and says what became of it. */
export async function takeBackWish(
  { database, clock }: WishTools,
  id: InteractionId,
  wish: SessionWish,
  because: string,
): Promise<WishFate> {
  const seen = await getInteraction(database.kysely, id)
  if (waitingWish(seen)?.token === wish.token) {
    await database.write((db) => refuseWish(db, seen, wish, because, clock.now()))
  }
  return fateNow(await getInteraction(database.kysely, id), wish, clock.now())
}

function fateNow(one: StoredInteraction, { token }: SessionWish, now: EpochMs): WishFate {
  const { wish, reason, state } = one
  if (wish?.token === token && wish.refused !== null) return { is: 'refused', because: wish.refused }
  if (one.token === token) return fateOfAnswer(one)
  const waiting = waitingWish(one)
  if (waiting?.token === token) {
    return isTooOld(waiting, now) ? { is: 'refused', because: tooOld } : { is: 'waiting' }
  }
  if (waiting) return { is: 'refused', because: `${waiting.name} has said something else since` }
  if (one.decidedBy) return { is: 'refused', because: `${deciderOf(one)} was faster` }
  return { is: 'refused', because: reason ?? `it is ${state} by now` }
}

function fateOfAnswer({ state, reason }: StoredInteraction): WishFate {
  if (state === 'answering') return { is: 'giving' }
  if (state === 'answered') return { is: 'given' }
  return { is: state === 'unknown' ? 'unknown' : 'refused', because: reason ?? `it is ${state} by now` }
}
