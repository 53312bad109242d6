import { randomBytes } from 'node:crypto'
import { isAppError } from '../../core/errors.ts'
import type {
  AskingSession,
  HookMessageOf,
  PermissionDecider,
  PermissionDecision,
  PermissionFate,
} from '../../core/hook.ts'
import { foldersHere, type Folders } from '../../core/folders.ts'
import { nodeOf } from '../../core/host.ts'
import type { Ask } from '../../core/interaction.ts'
import type { Decision } from '../../core/pattern.ts'
import { advanceInteraction, noteDecision } from '../../db/interaction/advance.ts'
import { findByCall, openInteraction, type NewInteraction } from '../../db/interaction/open.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { getSessionSettings } from '../../db/session-settings.ts'
import { isBelow } from '../../patterns/paths.ts'
import type { Tools } from '../tools.ts'
import { askOfHook } from './ask.ts'
import { judgeAsk } from './judge.ts'
import { ruleActor } from './rule-name.ts'

type PermissionRequest = HookMessageOf<'permission_asked'>
type Asked = Ask & Pick<NewInteraction, 'cwd' | 'unsure'>

/** The dialog shows by then if the hook was answered too late. */
const hookLeaseMs = 5_000

/**
 * Decides what a hook asks before its agent draws a dialog; each request becomes a row, whoever decides. The
 * decision is stored before it is handed over: killed in between, the dialog shows, and the same row is decided
 * again, by keys.
 */
export function hookDecider(
  tools: Pick<Tools, 'database' | 'clock' | 'decide' | 'host' | 'folders'>,
): PermissionDecider {
  return async (request, session) => {
    const { database, clock, decide, host, folders = foldersHere(database.dataDir) } = tools
    const settings = await getSessionSettings(database.kysely, host.node, session.name)
    if (settings?.ignored === true) return null
    const asked = await askedBy(request, session, folders)
    const row = await database.write((db) =>
      openInteraction(
        db,
        {
          ...asked,
          sessionKey: session.key,
          sessionName: session.name,
          node: host.node,
          generation: session.generation,
          promptId: null,
          callId: callOf(request, session),
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
      cwd: row.cwd,
      tier: settings?.tier ?? null,
      session: session.name,
      trusted: session.trusted,
    }
    const decision = await judgeAsk(database, row, where, decide, folders)
    if (!decision) return null
    return decision.effect === 'ask' ? wait(tools, row, decision) : settle(tools, row, decision)
  }
}

/**
 * A message's own name is used again after the machine was started anew, a conversation's is not; and what a node
 * calls its own is nobody's on another one.
 */
function callOf({ conversation, id }: PermissionRequest, { key }: AskingSession): string {
  return [nodeOf(key), ...(conversation === null ? [] : [conversation]), id].join(' ')
}

/** What is asked, and the folder in which it would happen: an agent's shell may have gone elsewhere by itself. */
async function askedBy(request: PermissionRequest, session: AskingSession, folders: Folders): Promise<Asked> {
  const ask = askOfHook(request)
  const cwd = request.cwd ?? session.cwd
  const strays = cwd !== session.cwd && !(await isWithin(folders, cwd, session.cwd))
  if (strays)
    return {
      ...ask,
      cwd,
      inputWhole: false,
      unsure: `it is asked in ${cwd}, outside of the session's folder`,
    }
  return { ...ask, cwd, unsure: ask.inputWhole ? null : 'the hook says something of it that is not known' }
}

async function isWithin(folders: Folders, dir: string, home: string): Promise<boolean> {
  const [real, realHome] = await folders.realPaths([dir, home])
  return real != null && realHome != null && isBelow(real, realHome)
}

/**
 * A decision that came too late is given by keys, at once: the dialog is drawn. One that the hook has needs
 * nothing more, although the dialog may be drawn for the moment until the agent has heard of it.
 */
export function hookFateKeeper({ database, clock }: Pick<Tools, 'database' | 'clock'>): PermissionFate {
  return async (request, session, fate) => {
    if (fate === 'given') return
    const row = await findByCall(database.kysely, callOf(request, session))
    if (row?.state !== 'answering' || row.screenDigest !== null) return
    const changes = { reason: 'the hook was answered too late' }
    try {
      await database.write((db) => advanceInteraction(db, row.id, 'withdraw', changes, clock.now(), row))
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error
    }
    await database.bus.notify('sessions')
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
