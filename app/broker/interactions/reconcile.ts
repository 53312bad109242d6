import type { EpochMs } from '../../core/clock.ts'
import type { Dialog } from '../../core/dialog.ts'
import { isAppError } from '../../core/errors.ts'
import type { InteractionEvent } from '../../core/interaction.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import { addDialog, openInteraction } from '../../db/interaction/open.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import type { LiveSession } from '../../core/fleet.ts'
import { readAnswer } from '../delivery/marker.ts'
import type { Tools } from '../tools.ts'
import { sessionKeyOf } from './answer.ts'
import { askOfDialog, seenDialog } from './ask.ts'
import { boxWithoutEffect } from './next-box-key.ts'
import { isDialogOf } from './same-ask.ts'

/** One session as it is seen, and what is stored as asked there. */
export interface Situation {
  key: string
  /** undefined: it is gone, or has not been seen yet. */
  session: LiveSession | undefined
  /** People said that it is none of our business. */
  isIgnored: boolean
  rows: StoredInteraction[]
  promptId: number | null
  /** An answer of this very process is under way. */
  isGiving: (id: number) => boolean
}

/** A request that a hook told of is drawn 350 to 850 ms later (measured); a loaded machine takes longer. */
const drawnWithinMs = 10_000
/** An answer that a hook took shows no dialog; one that was drawn all the same shows within this. */
const hookAnswerHoldsMs = 2_500

/** Brings the rows of one session in step with what it shows. */
export async function reconcile(tools: Tools, situation: Situation): Promise<void> {
  const { session, rows, isIgnored } = situation
  if (isIgnored) return forget(tools, rows)
  if (!session && (await mayStillBeThere(tools, situation))) return
  const shown = session?.dialog ?? null
  const match = shown && matchOf(shown, situation)
  for (const row of rows) {
    if (row !== match && !situation.isGiving(row.id)) await close(tools, row, situation)
  }
  if (session && shown) await keep(tools, situation, session, shown, match)
}

async function forget(tools: Tools, rows: StoredInteraction[]) {
  for (const row of rows)
    if (row.state !== 'answering') await advance(tools, row, 'leave', 'the session is ignored')
}

/**
 * A session that was not seen is not gone: tmux may be silent, or this process too young. What is written off too
 * early would be asked, and answered, a second time.
 */
async function mayStillBeThere({ host, reader }: Tools, { key }: Situation): Promise<boolean> {
  try {
    const pane = (await host.list()).find((each) => sessionKeyOf(host.node, each) === key)
    return pane !== undefined && reader.mayHoldAgent(pane)
  } catch (error) {
    if (isAppError(error, 'unavailable')) return true
    throw error
  }
}

/**
 * The row of the dialog that is shown: by its digest, or one that a hook told of and that it fits. Where it may be
 * either of two, it is a request of its own.
 */
function matchOf(shown: Dialog, { session, rows }: Situation): StoredInteraction | null {
  const here = rows.filter(({ generation }) => generation === session?.reading.generation)
  const same = here.find(({ screenDigest }) => screenDigest === shown.digest)
  if (same) return same
  const told = here.filter(
    (row) => row.screenDigest === null && isDialogOf(row, shown, session?.pane.width ?? 0),
  )
  return new Set(told.map(({ inputDigest }) => inputDigest)).size > 1 ? null : (told[0] ?? null)
}

async function keep(
  tools: Tools,
  situation: Situation,
  session: LiveSession,
  shown: Dialog,
  match: StoredInteraction | null,
) {
  const { database, clock, reader, host } = tools
  const { agent, generation, cwd } = session.reading
  if (agent === null || generation === null) return
  const now = clock.now()
  const seen = seenDialog(shown, reader.dialogKeysOf(agent))
  if (match && match.screenDigest === null) {
    if (match.state === 'answering') {
      // The agent may draw the dialog while its hook, which has our answer, is still on its way out.
      if (isWithHook(match, now)) return
      await advance(tools, match, 'withdraw', 'the hook did not hand the answer over')
    }
    return database.write((db) => addDialog(db, match.id, 'drawn', seen, now))
  }
  if (match && match.state !== 'answering' && ticksOf(match) !== ticksOf(seen)) {
    await database.write((db) => addDialog(db, match.id, 'ticked', seen, now))
    await database.bus.notify('sessions')
  }
  if (match) return takeUp(tools, match, situation)
  // What flashes up meanwhile, half drawn perhaps, is the dialog of that request.
  if (situation.rows.some((row) => isWithHook(row, now))) return
  await database.write((db) =>
    openInteraction(
      db,
      {
        ...askOfDialog(agent, shown),
        ...seen,
        sessionKey: situation.key,
        sessionName: session.pane.sessionName,
        node: host.node,
        generation,
        cwd,
        promptId: situation.promptId,
        callId: null,
      },
      now,
    ),
  )
  await database.bus.notify('sessions')
}

function ticksOf({ options }: Pick<StoredInteraction, 'options'>): string {
  return options.map(({ ticked }) => (ticked === undefined ? '-' : Number(ticked))).join('')
}

/** A hook has our answer and is on its way out with it. */
function isWithHook({ state, screenDigest, decidedAt }: StoredInteraction, now: EpochMs): boolean {
  return state === 'answering' && screenDigest === null && now - (decidedAt ?? now) < hookAnswerHoldsMs
}

/** The dialog is still there although a process decided on it, and that process has not come back. */
async function takeUp(tools: Tools, row: StoredInteraction, { session, isGiving }: Situation) {
  if (row.state !== 'answering' || isGiving(row.id) || !isAbandoned(row, tools.clock.now())) return
  const sent = readAnswer(session?.pane.marker ?? '', row.token ?? '')
  if (sent?.phase === 'pressed') {
    return advance(
      tools,
      row,
      'doubt',
      'the key was pressed before a restart, but the same dialog is still there',
    )
  }
  const shown = session?.dialog
  const box = sent && shown && row.answer && boxWithoutEffect(shown, row.answer, sent.turned)
  if (typeof box === 'number') {
    return advance(
      tools,
      row,
      'doubt',
      `the key of box ${box + 1} was pressed before a restart, and the box does not show it`,
    )
  }
  await advance(tools, row, 'withdraw', 'the process that answered ended before it gave an answer')
}

function isAbandoned({ answerUntil }: StoredInteraction, now: EpochMs): boolean {
  return (answerUntil ?? 0) < now
}

/** What is asked no longer, and why. */
async function close(tools: Tools, row: StoredInteraction, { session }: Situation) {
  const now = tools.clock.now()
  if (!session) return advance(tools, row, 'end', 'the session is gone')
  if (session.reading.generation !== row.generation) {
    return advance(tools, row, 'supersede', 'another agent runs in the pane now')
  }
  if (row.state === 'answering') return closeAnswering(tools, row, session, now)
  if (row.state === 'unknown' && tookOurKey(row, session)) return advance(tools, row, 'confirm', null)
  if (row.screenDigest === null) {
    if (now - row.askedAt < drawnWithinMs) return
    return advance(tools, row, 'leave', 'no dialog was drawn for it')
  }
  if (session.dialog) return advance(tools, row, 'supersede', 'the session asks something else now')
  await advance(tools, row, 'leave', 'it was answered in the pane, or the agent went on without')
}

/** An agent may take a key long after it was pressed; a person at the pane may have been the one who answered. */
function tookOurKey({ token, decidedAt }: StoredInteraction, { pane }: LiveSession): boolean {
  const isPressed = readAnswer(pane.marker, token ?? '')?.phase === 'pressed'
  return isPressed && (pane.typedAt === null || decidedAt === null || pane.typedAt < decidedAt)
}

async function closeAnswering(tools: Tools, row: StoredInteraction, { pane }: LiveSession, now: EpochMs) {
  if (row.screenDigest === null) {
    if (now - (row.decidedAt ?? now) >= hookAnswerHoldsMs) await advance(tools, row, 'confirm', null)
    return
  }
  if (!isAbandoned(row, now)) return
  if (readAnswer(pane.marker, row.token ?? '')?.phase === 'pressed')
    return advance(tools, row, 'confirm', null)
  await advance(tools, row, 'doubt', 'the process that answered ended before it could say how far it got')
  await advance(
    tools,
    row,
    'leave',
    'the dialog is gone; whether our answer or a person in the pane did that is not known',
  )
}

/** Somebody else may have been faster: then that counts. */
async function advance(
  tools: Tools,
  { id }: StoredInteraction,
  event: InteractionEvent,
  reason: string | null,
) {
  const { database, clock } = tools
  try {
    await database.write((db) => advanceInteraction(db, id, event, { reason }, clock.now()))
    await database.bus.notify('sessions')
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
  }
}
