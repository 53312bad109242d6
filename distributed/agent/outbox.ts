import { AppError } from '../../app/core/errors.ts'
import type { News } from '../protocol/news.ts'

/** Fulfilled when the other side has it for good; waits as long as that takes. Throws `NewsRefused`. */
export type Tell = (news: News) => Promise<void>

/**
 * Hands a message to the other side, again and again until it has it. Rejects when nobody listens any more, or
 * another one begins to, before it has it; throws `NewsRefused`.
 */
export type Send = (news: News) => Promise<void>

/** The other side will never take it; telling it again changes nothing. */
export class NewsRefused extends AppError {
  constructor() {
    super('invalid', 'The dashboard refused what this node told; its assigner’s log says why.')
  }
}

/**
 * What the other side must hear: held back while nobody listens, and sent again to the next one that does where
 * the last one did not say that it has it.
 */
export class Outbox {
  #send: Send | null = null
  #opened: () => void = () => undefined
  #open: Promise<void>

  constructor() {
    this.#open = this.#nextOpening()
  }

  /** Somebody listens from now on, instead of whoever did. */
  open(send: Send): void {
    this.#send = send
    this.#opened()
  }

  close(): void {
    if (this.#send === null) return
    this.#send = null
    this.#open = this.#nextOpening()
  }

  readonly tell: Tell = async (news) => {
    for (;;) {
      await this.#open
      const send = this.#send
      if (send === null) continue
      try {
        return await send(news)
      } catch (error) {
        if (error instanceof NewsRefused) throw error
        // Nobody listens any more; the next one is told.
        if (this.#send === send) this.close()
      }
    }
  }

  #nextOpening(): Promise<void> {
    return new Promise((resolve) => (this.#opened = resolve))
  }
}
