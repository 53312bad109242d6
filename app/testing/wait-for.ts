import { setTimeout as sleep } from 'node:timers/promises'

/** Asks every 10 ms until there is an answer; throws with `what` after `withinMs`. */
export async function waitFor<T>(
  ask: () => Promise<T | null | undefined | false>,
  what: string,
  withinMs = 15_000,
): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (Date.now() > until) throw new Error(`Waited ${withinMs} ms for ${what}`)
    await sleep(10)
  }
}
