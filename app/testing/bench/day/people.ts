import { interrupt, resolveDoubt, submit } from '../../../broker/commands.ts'
import type { Clock } from '../../../core/clock.ts'
import { isAppError } from '../../../core/errors.ts'
import type { PromptId } from '../../../core/prompt.ts'
import type { Database } from '../../../db/open.ts'
import { listPrompts } from '../../../db/prompts.ts'
import { chance, oneOf, random, randomSize } from './chance.ts'
import type { SimulatedSessions } from './sessions.ts'

const minuteMs = 60_000
/** A prompt for a session that has ended would wait for ever. */
const expiresAfterMs = 30 * minuteMs

/** Those who work with the broker for a day: they send, stop, type, decide, and open and end sessions. */
export class People {
  sent = 0
  readonly #database: Database
  readonly #sessions: SimulatedSessions
  readonly #clock: Clock

  constructor(database: Database, sessions: SimulatedSessions, clock: Clock) {
    this.#database = database
    this.#sessions = sessions
    this.#clock = clock
  }

  /** Never ends by itself; rejects when something failed that may not. */
  async work({ roundEveryMs }: { roundEveryMs: number }): Promise<void> {
    await Promise.all([
      this.#every(roundEveryMs, () => this.#goRound()),
      this.#every(17 * minuteMs, () => this.#sessions.typeHalfALine()),
      this.#every(10 * minuteMs, () => this.#decideDoubts()),
      this.#every(30 * minuteMs, async () => {
        this.#sessions.end(oneOf(this.#sessions.host.panes))
        this.#sessions.open()
      }),
    ])
  }

  /** On average this often, at irregular moments. */
  async #every(ms: number, act: () => Promise<void>): Promise<never> {
    for (;;) {
      await this.#clock.sleep(ms / 2 + random(ms))
      await act()
    }
  }

  /** As many prompts as there are sessions, some seconds apart. */
  async #goRound() {
    for (const _pane of this.#sessions.host.panes.slice()) {
      await this.#send()
      await this.#clock.sleep(random(4_000))
    }
  }

  async #send() {
    this.sent += 1
    const now = this.#clock.now()
    const content = `Task ${this.sent}\n${textOf(randomSize(100, 100_000))}`
    const target = chance(0.5) ? { session: oneOf(this.#sessions.names) } : {}
    const context = chance(0.1) ? 'fresh' : 'any'
    const { prompt } = await submit(
      this.#database,
      { content, target, context, expiresAt: now + expiresAfterMs },
      now,
    )
    if (chance(0.03)) void this.#stopLater(prompt.id)
  }

  async #stopLater(id: PromptId) {
    await this.#clock.sleep(2_000 + random(30_000))
    await interrupt(this.#database, id, this.#clock.now()).catch((error: unknown) => {
      if (!isAppError(error, 'conflict')) throw error // it is over by now
    })
  }

  async #decideDoubts() {
    const { items } = await listPrompts(this.#database.kysely, { states: ['in_progress'], limit: 200 })
    for (const { id, attention } of items) {
      if (attention !== null) await resolveDoubt(this.#database, id, 'failed', this.#clock.now())
    }
  }
}

/** A piece of a long text, of so many bytes. */
function textOf(bytes: number): string {
  const from = random(longText.length - bytes)
  return longText.slice(from, from + bytes)
}

const longText = Array.from(
  { length: 4_000 },
  (_, line) => `line ${line}: ${'see how it works '.repeat(4)}`,
).join('\n')
