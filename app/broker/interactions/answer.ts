import { randomBytes } from 'node:crypto'
import type { Actor } from '../../core/account.ts'
import type { AgentReader } from '../../core/agent.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { paneKey, type PaneRef, type SessionHost } from '../../core/host.ts'
import type { InteractionId } from '../../core/interaction.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import type { Database } from '../../db/open.ts'
import { Keyboard } from '../keyboard.ts'
import { answerOf, type Wish } from './answer-of.ts'
import { give, storedAnswer } from './give.ts'
import { settleAnswer } from './settle.ts'
import type { Given } from './verdict.ts'

export interface AnswerTools {
  database: Database
  /** Of the node on which the session is. */
  host: SessionHost
  reader: AgentReader
  clock: Clock
}

/** So long the process that decided may press keys; then the assigner looks what became of it. */
export const answerLeaseMs = 20_000

/**
 * Answers an interaction in a person's name, through the pane of its session. Resolves when the dialog has taken
 * it. Throws `conflict` when somebody was faster, or when the dialog is not the one that was shown: then no key
 * was pressed that answers anything.
 */
export async function answerInteraction(
  tools: AnswerTools,
  id: InteractionId,
  wish: Wish,
  by: Actor,
  owner: string,
): Promise<StoredInteraction> {
  const { database, clock, host } = tools
  const seen = await getInteraction(database.kysely, id)
  refuseUndrawn(seen)
  // Before anything is stored: while the node is away nobody can answer.
  await host.list()
  const answer = answerOf(seen, wish)
  const token = randomBytes(6).toString('hex')
  const decided = await database.by(by).write((db) => decide(db))
  await database.bus.notify('sessions')
  const stored = storedAnswer(decided, answer, token)
  const keyboard = new Keyboard(tools, owner, {
    server: stored.pane.server,
    sessionName: decided.sessionName,
  })
  try {
    const given = await give(
      tools,
      {
        ...stored,
        byRule: false,
        hold: async () => {
          await keyboard.hold(by)
          return true
        },
      },
      AbortSignal.timeout(answerLeaseMs),
    )
    const settled = await database.by(by).write((db) => settleAnswer(db, id, given, clock.now()))
    if (given.how !== 'given') throw refusalOf(given)
    return settled
  } finally {
    await keyboard.release(by)
    await database.bus.notify('sessions')
  }

  /** One in doubt is asked again first: a person has looked at it. */
  async function decide(db: Parameters<typeof advanceInteraction>[0]) {
    const now = clock.now()
    if (seen.state === 'unknown') await advanceInteraction(db, id, 'withdraw', {}, now, seen)
    const decidedBy = { kind: 'person', name: by.name } as const
    const changes = { decidedBy, answer, token, answerUntil: now + answerLeaseMs, reason: null }
    return advanceInteraction(db, id, 'decide', changes, now)
  }
}

function refuseUndrawn({ id, screenDigest }: StoredInteraction) {
  if (screenDigest === null) {
    throw new AppError('conflict', `The dialog of interaction ${id} is not drawn yet. Try again in a moment.`)
  }
}

/** The key of a pane as sessions have it. */
export function sessionKeyOf(node: string, pane: PaneRef): string {
  return `${node}/${paneKey(pane)}`
}

function refusalOf({ how, because }: Given): AppError {
  if (how === 'unknown')
    return new AppError('unavailable', `It is not certain that the answer arrived: ${because}.`)
  return new AppError('conflict', `Nothing was answered: ${because}.`)
}
