import type { EpochMs } from '../../app/core/clock.ts'
import type { LiveSession, PastState } from '../../app/core/fleet.ts'
import { mostPastStates } from '../protocol/news.ts'

/** Every state that sessions have had, in order, until the other side has it; of very many the oldest go. */
export class PastStates {
  readonly #last = new Map<string, { state: string; generation: string | null }>()
  #untold: PastState[] = []

  note({ key, pane, reading, since }: LiveSession): void {
    const { state, generation, agent, rule } = reading
    const before = this.#last.get(key)
    if (before?.state === state && before.generation === generation) return
    this.#last.set(key, { state, generation })
    this.#add({ key, at: since, generation, state, name: pane.sessionName, agent, rule })
  }

  noteGone({ key, pane }: LiveSession, at: EpochMs): void {
    this.#last.delete(key)
    this.#add({ key, at, generation: null, state: 'gone', name: pane.sessionName, agent: null, rule: '' })
  }

  get untold(): readonly PastState[] {
    return this.#untold
  }

  forget(told: readonly PastState[]): void {
    const gone = new Set(told)
    this.#untold = this.#untold.filter((one) => !gone.has(one))
  }

  #add(past: PastState) {
    this.#untold.push(past)
    if (this.#untold.length > mostPastStates) this.#untold.shift()
  }
}
