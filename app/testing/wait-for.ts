import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What takes longer than this has failed, also on a machine that does ten other things. Only what fails waits for so
 * long. Less than the time that a test has, so that the failure says what was waited for.
 */
export const patienceMs = 60_000

/** Asks every 10 ms until there is an answer; throws with `what` after `withinMs`. */
export async function waitFor<T>(
  ask: () => Promise<T | null | undefined | false>,
  what: string,
  withinMs = patienceMs,
): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (Date.now() > until) throw new Error(`Waited ${withinMs} ms for ${what}`)
    await sleep(10)
  }
}
