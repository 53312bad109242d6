import type { EpochMs } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import type { OfficeTools } from './tools.ts'

/** Something that is done again and again; a failure is logged and the next turn tries again. */
export interface Duty {
  name: string
  everyMs: number
  run(now: EpochMs): Promise<void>
}

/** Runs each duty when it is due, one after the other. */
export class Duties {
  readonly #tools: Pick<OfficeTools, 'clock' | 'log'>
  readonly #due: { duty: Duty; at: EpochMs }[]

  constructor(tools: Pick<OfficeTools, 'clock' | 'log'>, duties: Duty[]) {
    this.#tools = tools
    this.#due = duties.map((duty) => ({ duty, at: 0 }))
  }

  async runDue(): Promise<void> {
    for (const entry of this.#due) {
      const now = this.#tools.clock.now()
      if (now < entry.at) continue
      entry.at = now + entry.duty.everyMs
      await this.#run(entry.duty, now)
    }
  }

  /** It is due at once. */
  hurry(name: string): void {
    const entry = this.#due.find(({ duty }) => duty.name === name)
    if (entry) entry.at = 0
  }

  async #run(duty: Duty, now: EpochMs) {
    try {
      await duty.run(now)
    } catch (error) {
      this.#tools.log.error({ err: error, duty: duty.name }, `${duty.name}: ${messageOf(error)}`)
    }
  }
}
