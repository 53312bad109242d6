import { random } from './feeder.ts'
import { moments, type ChaosStep, type Place, type Plan } from './plan.ts'

/**
 * How often an assigner comes to each step within a plan's time, with five agents that get one prompt each. The
 * steps that press something come first: they are where a kill can hurt.
 */
const steps: [ChaosStep, times: number][] = [
  ['paste', 3],
  ['submit', 3],
  ['write', 30],
  ['look', 60],
]

/** Where the next blow falls: each place in its turn, at its first time first and later ones then. */
export class Aim {
  #round = 0

  next(): Plan['at'] {
    const { place, times } = places[this.#round % places.length]!
    const earlier = Math.floor(this.#round / places.length)
    this.#round += 1
    return { place, nth: 1 + random(Math.min(times, earlier + 1)) }
  }
}

const places: { place: Place; times: number }[] = steps.flatMap(([step, times]) =>
  moments.map((moment) => ({ place: `${moment} ${step}` as const, times })),
)
