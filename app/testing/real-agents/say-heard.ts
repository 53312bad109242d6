import { setTimeout as sleep } from 'node:timers/promises'
import type { PaneShot } from './pane.ts'
import type { StartedAgent } from './start.ts'
import type { StubModel } from './stub-model/server.ts'

const lookAgainMs = 2_000
/** Opencode's first prompt after a cold start takes up to 45 s to its model on a loaded machine. */
const triesInAll = 45

/**
 * Says something as a person does, and waits until the model heard it: text that still stands in the input box
 * gets another Enter, never another paste. An agent that has just started takes its first Enter for a newline.
 * Throws with the screen when the model does not hear it.
 */
export async function sayHeard(
  { pane }: Pick<StartedAgent, 'pane'>,
  stub: StubModel,
  text: string,
): Promise<void> {
  const before = stub.prompts().length
  await pane.say(text)
  for (let tries = 0; tries < triesInAll; tries += 1) {
    if (await isHeard(stub, before, text)) return
    if (standsAtCursor(text, await pane.shot())) await pane.press('Enter')
  }
  throw new Error(`the model did not hear: ${text}\n${await pane.text()}`)
}

async function isHeard(stub: StubModel, before: number, text: string): Promise<boolean> {
  const until = Date.now() + lookAgainMs
  for (;;) {
    const since = stub.prompts().slice(before)
    if (since.some((prompt) => prompt.includes(text))) return true
    if (Date.now() > until) return false
    await sleep(50)
  }
}

/** The cursor stands in the box, at the end of the text or in an empty row under it. */
function standsAtCursor(text: string, shot: PaneShot): boolean {
  const rows = shot.text.split('\n').slice(Math.max(0, shot.cursor.y - 3), shot.cursor.y + 1)
  const ink = (drawn: string) => drawn.replace(/[\s│┃]+/g, '')
  return ink(rows.join('')).includes(ink(text).slice(-20))
}
