import { randomBytes } from 'node:crypto'
import type { PermissionDecider, PermissionDecision } from '../../core/hook.ts'
import { isAppError } from '../../core/errors.ts'
import type { Decision } from '../../core/pattern.ts'
import { advanceInteraction, noteDecision } from '../../db/interaction/advance.ts'
import { openInteraction } from '../../db/interaction/open.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { getSessionSettings } from '../../db/session-settings.ts'
import type { Tools } from '../tools.ts'
import { askOfHook } from './ask.ts'
import { judgeAsk } from './judge.ts'
import { ruleActor } from './rule-name.ts'

/** The dialog shows by then if the hook was answered too late. */
const hookLeaseMs = 5_000

/**
 * Decides what a hook asks before its agent draws a dialog; each request becomes a row, whoever decides. The
 * decision is stored before it is handed over: killed in between, the dialog shows, and the same row is decided
 * again, by keys.
 */
export function hookDecider(tools: Pick<Tools, 'database' | 'clock' | 'decide' | 'host'>): PermissionDecider {
  return async (request, session) => {
    const { database, clock, decide, host } = tools
    const settings = await getSessionSettings(database.kysely, host.node, session.name)
    if (settings?.ignored === true) return null
    const row = await database.write((db) =>
      openInteraction(
        db,
        {
          ...askOfHook(request),
          unsure: null,
          sessionKey: session.key,
          sessionName: session.name,
          node: host.node,
          generation: session.generation,
          cwd: session.cwd,
          promptId: null,
          callId: request.id,
          question: '',
          options: [],
          selected: null,
          screen: null,
          screenDigest: null,
        },
        clock.now(),
      ),
    )
    if (row.state !== 'open') return decidedBefore(row)
    const where = {
      cwd: session.cwd,
      tier: settings?.tier ?? null,
      session: session.name,
      trusted: session.trusted,
    }
    const decision = await judgeAsk(database.kysely, row, where, decide)
    if (!decision) return null
    return decision.effect === 'ask' ? wait(tools, row, decision) : settle(tools, row, decision)
  }
}

/** The same request again, after a crash in the middle: the answer that was stored counts. */
function decidedBefore({ state, decision }: StoredInteraction): PermissionDecision | null {
  if ((state !== 'answering' && state !== 'answered') || !decision) return null
  return answerTo(decision)
}

async function wait(
  { database, clock }: Pick<Tools, 'database' | 'clock'>,
  { id }: StoredInteraction,
  decision: Decision,
): Promise<null> {
  await database.write((db) => noteDecision(db, id, decision, clock.now()))
  return null
}

async function settle(
  { database, clock }: Pick<Tools, 'database' | 'clock'>,
  row: StoredInteraction,
  decision: Decision,
): Promise<PermissionDecision | null> {
  const now = clock.now()
  const meaning = decision.effect === 'allow' ? ('allow_once' as const) : ('deny' as const)
  const changes = {
    decision,
    decidedBy: decision.by,
    answer: { meaning, option: null, text: null },
    token: randomBytes(6).toString('hex'),
    answerUntil: now + hookLeaseMs,
  }
  try {
    await database
      .by(ruleActor(decision))
      .write((db) => advanceInteraction(db, row.id, 'decide', changes, now, row))
    return answerTo(decision)
  } catch (error) {
    if (isAppError(error, 'conflict')) return null
    throw error
  }
}

function answerTo({ effect, reason }: Decision): PermissionDecision | null {
  if (effect === 'ask') return null
  return effect === 'allow' ? { behavior: 'allow' } : { behavior: 'deny', message: reason }
}
