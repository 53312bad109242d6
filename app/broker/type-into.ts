import type { Actor } from '../core/account.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Look, Pane, SessionHost, StepResult } from '../core/host.ts'
import { appendEvent } from '../db/events.ts'
import type { Database } from '../db/open.ts'
import { Keyboard } from './keyboard.ts'

/** What a person has typed from afar: a text, or named keys (`C-c`, `Escape`), and then perhaps an Enter. */
export interface Typing {
  text?: string
  keys?: string[]
  enter: boolean
}

interface Tools {
  database: Database
  host: SessionHost
  clock: Clock
}

/** A screen that goes on changing refuses a step: so often it is tried again. */
const maxLooks = 10
const betweenLooksMs = 30
/** Agents take an Enter that follows a paste too closely for a line break; in ms. */
const settleMs = 200

/**
 * Types into a pane as a person at a keyboard would: automation can't type there in the meantime, and what it
 * had prepared is refused. Throws `conflict` when the pane doesn't take keys (dead, in copy mode, input off).
 */
export async function typeInto(
  tools: Tools,
  pane: Pane,
  typing: Typing,
  owner: string,
  by: Actor,
): Promise<void> {
  const { host, database, clock } = tools
  const keyboard = new Keyboard(tools, owner, pane)
  await keyboard.hold(by)
  try {
    const { text = '', keys = [], enter } = typing
    if (text !== '') await step(tools, pane, (look) => host.paste(look, text, look.marker))
    if (keys.length > 0) await step(tools, pane, (look) => host.press(look, keys, look.marker))
    if (enter) {
      if (text !== '') await clock.sleep(settleMs)
      await step(tools, pane, (look) => host.submit(look, look.marker))
    }
    const data = { name: pane.sessionName, characters: text.length, keys, enter }
    const nounId = `${host.node}/${pane.server}/${pane.paneId}`
    await database
      .by(by)
      .write(async (db) => appendEvent(db, { at: clock.now(), noun: 'session', nounId, type: 'typed', data }))
  } finally {
    await keyboard.release(by)
  }
}

async function step(
  { host, clock }: Tools,
  pane: Pane,
  act: (look: Look) => Promise<StepResult>,
): Promise<void> {
  for (let looks = 0; looks < maxLooks; looks += 1) {
    if ((await act(await host.look(pane))) === 'done') return
    await clock.sleep(betweenLooksMs)
  }
  throw new AppError(
    'conflict',
    `The pane ${pane.address} takes no keys now: it is dead, scrolled back, its input is off, or it keeps changing.`,
  )
}
