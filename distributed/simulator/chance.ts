/** A number from `least` to `most`. */
export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}

/** True with this probability. */
export function chance(probability: number): boolean {
  return Math.random() < probability
}

export function oneOf<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)]!
}
