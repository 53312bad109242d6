import { randomBytes } from 'node:crypto'
import type { Clock, EpochMs } from '../../core/clock.ts'
import { AppError, isAppError } from '../../core/errors.ts'
import type { InteractionId, SessionWish } from '../../core/interaction.ts'
import type { Decision } from '../../core/pattern.ts'
import type { SessionName } from '../../core/prompt.ts'
import { isSameSession } from '../../core/session-name.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { storeWish, waitingWish } from '../../db/interaction/wish.ts'
import type { Database } from '../../db/open.ts'
import { getPermissions } from '../../db/permissions.ts'
import { listMembers } from '../hierarchy/members.ts'
import { whyMayNotAnswer } from '../hierarchy/may-answer.ts'
import { readHierarchy } from '../hierarchy/rules-file.ts'
import { answerOf, type Wish } from './answer-of.ts'
import { whyLeftToPeople, whyNotSayable } from './left-to-people.ts'

/*
 * How a session answers what another one asks. It has the database only, so it leaves its answer with the
 * interaction as a wish; the assigner, which has eyes and hands on every node, looks whether all still holds and
 * gives it as it gives a rule's answer.
 */

export interface WishTools {
  database: Database
  clock: Clock
}

/** What was wished so long ago was meant for a moment that is over: whoever wished it has gone on. */
const wishHoldsMs = 60_000

/**
 * Leaves an answer for the assigner to give. Throws `forbidden` with what to do where it is not for this session
 * to answer, `invalid` where the dialog takes no such answer, `conflict` where it is over or somebody is faster.
 */
export async function wishAnswer(
  { database, clock }: WishTools,
  id: InteractionId,
  said: Wish,
  by: SessionName,
): Promise<SessionWish> {
  const db = database.kysely
  const seen = await getInteraction(db, id)
  refuse(whyMayNotAnswer(readHierarchy(database.dataDir), await listMembers(db), by, seen))
  requireOpen(seen)
  const { automatic } = await getPermissions(db)
  const ruling = automatic ? (seen.decision ?? 'not_known_yet') : 'switched_off'
  refuse(forPeople(seen, whyLeftToPeople(seen, ruling)))
  const answer = answerOf(seen, said)
  refuse(forPeople(seen, whyNotSayable(seen, answer)))
  requireFree(seen, by, clock.now())
  const token = randomBytes(6).toString('hex')
  const { wish } = await database.write((each) => storeWish(each, seen, by, { answer, token }, clock.now()))
  await database.bus.notify('sessions')
  return wish!
}

/** Why the assigner may not give a wish any more, after what rules say by now; null: it may. */
export async function whyNotGiven(
  database: Database,
  one: StoredInteraction,
  wish: SessionWish,
  decision: Decision | null,
): Promise<string | null> {
  try {
    const rules = readHierarchy(database.dataDir)
    const members = await listMembers(database.kysely)
    const left = whyLeftToPeople(one, decision ?? 'switched_off') ?? whyNotSayable(one, wish.answer)
    return whyMayNotAnswer(rules, members, wish, one) ?? forPeople(one, left)
  } catch (error) {
    // Nobody may do what rules allow that can't be read.
    if (isAppError(error, 'invalid')) return error.message
    throw error
  }
}

export function isTooOld({ at }: SessionWish, now: EpochMs): boolean {
  return now - at > wishHoldsMs
}

export const tooOld = `it was not given within ${wishHoldsMs / 1_000} s; say it again if it still holds`

/** Who answered, for an agent. */
export function deciderOf({ decidedBy }: StoredInteraction): string {
  return decidedBy && decidedBy.kind !== 'shipped' && 'name' in decidedBy ? decidedBy.name : 'a rule'
}

function requireOpen(one: StoredInteraction) {
  const { id, state, reason, screenDigest } = one
  if (state === 'open' && screenDigest !== null) return
  if (state === 'open') {
    throw new AppError('conflict', `The dialog of interaction ${id} is not drawn yet. Try again in a moment.`)
  }
  if (state === 'unknown') {
    throw new AppError(
      'conflict',
      `Whether an earlier answer to interaction ${id} arrived is not known: a person has to look.`,
    )
  }
  const why = reason === null ? '' : `: ${reason}`
  const by = deciderOf(one)
  const is =
    state === 'answering'
      ? `is being answered by ${by}`
      : state === 'answered'
        ? `was answered by ${by}`
        : 'is over'
  throw new AppError('conflict', `Interaction ${id} ${is}${why}. list_sessions shows what is asked now.`)
}

/** The first session that wants to answer does; it may change its mind until it is given. */
function requireFree(one: StoredInteraction, by: SessionName, now: EpochMs) {
  const wish = waitingWish(one)
  if (!wish || isTooOld(wish, now) || isSameSession(wish, by)) return
  throw new AppError('conflict', `${wish.name} is answering interaction ${one.id} already.`)
}

function refuse(reason: string | null) {
  if (reason !== null) throw new AppError('forbidden', reason)
}

function forPeople({ id }: StoredInteraction, reason: string | null): string | null {
  return reason === null ? null : `A person has to answer interaction ${id}, because ${reason}.`
}
