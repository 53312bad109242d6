/** Numbers that look random and are the same in every run, so that two days can be compared. */
let state = 0x2545f491

/** A whole number from 0 to less than `limit`. */
export function random(limit: number): number {
  return Math.floor(next() * limit)
}

/** True with this probability. */
export function chance(probability: number): boolean {
  return next() < probability
}

export function oneOf<T>(choices: readonly T[]): T {
  return choices[random(choices.length)]!
}

/** Between `least` and `most`, each order of size as often as any other. */
export function randomSize(least: number, most: number): number {
  return Math.round(least * (most / least) ** next())
}

/** xorshift32. */
function next(): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 0x1_0000_0000
}
