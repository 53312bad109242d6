import type { News } from '../protocol/news.ts'

/** Fulfilled when the other side has it for good; waits as long as that takes. */
export type Tell = (news: News) => Promise<void>

/** Hands a message to the other side; rejects when the connection ends, or another one begins, before it has it. */
export type Send = (news: News) => Promise<void>

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
      } catch {
        // Only a connection that ended rejects; the next one is told.
        if (this.#send === send) this.close()
      }
    }
  }

  #nextOpening(): Promise<void> {
    return new Promise((resolve) => (this.#opened = resolve))
  }
}
