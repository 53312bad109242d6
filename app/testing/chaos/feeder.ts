import { randomBytes } from 'node:crypto'
import type { PromptId } from '../../core/prompt.ts'
import { listPrompts } from '../../db/prompts.ts'
import type { TestBroker } from '../broker.ts'

/** A prompt as it was sent. */
export interface Sent {
  id: PromptId
  /** Random; stands at the beginning of the text. */
  key: string
  content: string
  /** The agent that it is meant for; null: anyone. */
  target: string | null
}

/** So many prompts wait at any time. */
const waitingPrompts = 8

/** Keeps the queue filled with prompts of many sizes, half of them for one agent each. */
export class Feeder {
  readonly sent: Sent[] = []
  readonly #broker: Pick<TestBroker, 'database' | 'send'>
  readonly #agents: string[]

  constructor(broker: Pick<TestBroker, 'database' | 'send'>, agents: string[]) {
    this.#broker = broker
    this.#agents = agents
  }

  async topUp(): Promise<void> {
    const { items } = await listPrompts(this.#broker.database.kysely, { states: ['pending'], limit: 50 })
    for (let count = items.length; count < waitingPrompts; count += 1) await this.#send()
  }

  async #send() {
    const key = randomBytes(6).toString('hex')
    const target = Math.random() < 0.5 ? oneOf(this.#agents) : null
    const content = `chaos ${key} ${filler()}`
    const id = await this.#broker.send(content, target === null ? {} : { target: { session: target } })
    this.sent.push({ id, key, content, target })
  }
}

/** Mostly a line, sometimes several, sometimes so long that it goes through a file (more than 16 kB). */
function filler(): string {
  const kind = Math.random()
  if (kind < 0.6) return 'please look at "$HOME" & `this`; #{pane_id} 中文 😀 \\ -'
  if (kind < 0.9) return Array.from({ length: 2 + random(12) }, (_, line) => `line ${line} of it`).join('\n')
  return 'a long text, '.repeat(100 + random(6_000)).trimEnd()
}

function oneOf<T>(choices: T[]): T {
  return choices[random(choices.length)]!
}

/** A whole number from 0 to less than `limit`. */
export function random(limit: number): number {
  return Math.floor(Math.random() * limit)
}
