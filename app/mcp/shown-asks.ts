import { ledBy, whyMayNotAnswer } from '../broker/hierarchy/may-answer.ts'
import { listMembers } from '../broker/hierarchy/members.ts'
import { readHierarchy } from '../broker/hierarchy/rules-file.ts'
import { subjectOf, whyLeftToPeople, whyNotSayable } from '../broker/interactions/left-to-people.ts'
import type { NamedSession } from '../broker/session-settings.ts'
import type { EpochMs } from '../core/clock.ts'
import { isAppError } from '../core/errors.ts'
import type { HierarchyRules } from '../core/hierarchy.ts'
import { sessionNameText } from '../core/session-name.ts'
import { liveInteractions } from '../db/interaction/read.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import type { Database } from '../db/open.ts'
import { beginning } from './excerpt.ts'

/** Characters of a question and of a label; what a command or a plan says is shown as a whole. */
const questionChars = 1_000
const labelChars = 200

/** What a session asks, as one that leads it sees it. */
export interface ShownAsk {
  askedAt: EpochMs
  /** The one that reads this may answer it. */
  isYours: boolean
  shown: Record<string, unknown>
}

/** What waits for an answer in the sessions that this one leads, by session key. */
export async function asksOfLed(database: Database, session: NamedSession): Promise<Map<string, ShownAsk>> {
  const db = database.kysely
  const live = (await liveInteractions(db)).filter(isWaiting)
  if (live.length === 0) return new Map()
  const members = await listMembers(db)
  const led = new Set(ledBy(session, members).map(sessionNameText))
  const rules = rulesOf(database)
  return new Map(
    live
      .filter(({ node, sessionName: name }) => led.has(sessionNameText({ node, name })))
      .map((one) => {
        const isAllowed = rules !== null && whyMayNotAnswer(rules, members, session, one) === null
        const isYours = isAllowed && !isForPeople(one)
        return [one.sessionKey, { askedAt: one.askedAt, isYours, shown: shownAsk(one, isYours) }]
      }),
  )
}

function isWaiting({ state, screenDigest }: StoredInteraction): boolean {
  return state === 'unknown' || (state === 'open' && screenDigest !== null)
}

function isForPeople(one: StoredInteraction): boolean {
  return one.state !== 'open' || whyLeftToPeople(one, one.decision ?? 'not_known_yet') !== null
}

function shownAsk(one: StoredInteraction, isYours: boolean): Record<string, unknown> {
  const { id, kind, question, toolName } = one
  const subject = subjectOf(one)
  if (!isYours)
    return { interaction: id, kind, question: beginning(question, labelChars), answers: 'a person' }
  return {
    interaction: id,
    kind,
    question: beginning(question, questionChars),
    ...(kind === 'permission' && { tool: toolName }),
    ...(subject !== '' && { about: subject }),
    options: optionsOf(one),
  }
}

/** Those that a session may choose, with their numbers; `[ ]` and `[x]` are boxes. */
function optionsOf(one: StoredInteraction): string[] {
  return one.options.flatMap(({ label, meaning, ticked }, index) => {
    if (whyNotSayable(one, { meaning, option: index, text: null }) !== null) return []
    const box = ticked === undefined ? '' : ticked ? '[x] ' : '[ ] '
    return [`${index + 1} ${box}${beginning(label, labelChars)}`]
  })
}

/** While they can't be read, nothing is a session's to answer. */
function rulesOf({ dataDir }: Database): HierarchyRules | null {
  try {
    return readHierarchy(dataDir)
  } catch (error) {
    if (isAppError(error, 'invalid')) return null
    throw error
  }
}
