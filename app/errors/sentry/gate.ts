import { LimitedError } from '../../core/errors.ts'

/** So many at once, and so many that wait for their turn; who comes beyond is told to come again. */
export interface GateSize {
  atOnce: number
  waiting: number
  /** Of all that wait together. */
  waitingBytes: number
}

/** When somebody who found the gate full should try again, in ms. */
const comeAgainMs = 2_000

/** Lets few through at a time, so that what each of them needs stays a bounded sum however many strangers come. */
export class Gate {
  readonly #size: GateSize
  readonly #queue: (() => void)[] = []
  #inside = 0
  #waitingBytes = 0

  constructor(size: GateSize) {
    this.#size = size
  }

  /** `bytes`: what it holds while it waits. Throws `limited` when there is no room to wait. */
  async pass<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await this.#enter(bytes)
    try {
      return await work()
    } finally {
      // Whoever waited longest takes the place over, so that nobody slips in between.
      const next = this.#queue.shift()
      if (next) next()
      else this.#inside -= 1
    }
  }

  async #enter(bytes: number): Promise<void> {
    if (this.#inside < this.#size.atOnce) {
      this.#inside += 1
      return
    }
    const isFull =
      this.#queue.length >= this.#size.waiting || this.#waitingBytes + bytes > this.#size.waitingBytes
    if (isFull) throw new LimitedError('Too many packed reports come at once.', comeAgainMs)
    this.#waitingBytes += bytes
    await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#waitingBytes -= bytes
  }
}
