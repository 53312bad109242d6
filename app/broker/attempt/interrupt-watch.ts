import { endsWith, type EndingSignal } from '../../core/signals.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { Story } from './story.ts'

/** Aborts `signal` as soon as a person asks to stop this prompt. */
export class InterruptWatch {
  readonly #own: EndingSignal
  readonly #unsubscribe: () => void
  interrupted = false

  constructor(story: Story, signal: AbortSignal) {
    this.#own = endsWith(signal)
    const { database, log } = story.tools
    const check = async () => {
      const prompt = await getPrompt(database.kysely, story.prompt.id)
      if (prompt.interruptRequestedAt === null) return
      this.interrupted = true
      this.#own.end()
    }
    const look = () => {
      check().catch((error: unknown) => log.error({ err: error }, 'an interrupt could not be read'))
    }
    this.#unsubscribe = database.bus.subscribe(look)
    look()
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  stop() {
    this.#unsubscribe()
    this.#own[Symbol.dispose]()
  }
}
