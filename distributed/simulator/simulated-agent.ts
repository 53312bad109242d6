import type { Clock } from '../../app/core/clock.ts'
import { between, chance, oneOf } from './chance.ts'
import type { MemoryPane } from './memory-pane.ts'

/** How lively the agents of a simulation are; all in ms. */
export interface Pace {
  /** Between two turns that an agent has by itself, on average. */
  restMs: number
  /** Least and most of such a turn. */
  workMs: [number, number]
  /** The same of a turn that a prompt began. */
  answerMs: [number, number]
  /** A dialog that nobody answers is answered by a person who isn't there after so long. */
  dialogMs: [number, number]
}

/** So many turns all agents of a simulation begin in a second at most: it runs beside what it is to measure. */
const mostTurnsPerSecond = 2
const leastRestMs = 60_000

export function paceFor(sessions: number): Pace {
  return {
    restMs: Math.max(leastRestMs, (sessions * 1000) / mostTurnsPerSecond),
    workMs: [10_000, 60_000],
    answerMs: [2_000, 8_000],
    dialogMs: [20_000, 60_000],
  }
}

/** One turn in so many asks whether a command may run. */
const asksInTurns = 20
const stepMs = 4_000

/** An agent without a program: has turns of its own, asks now and then, and answers what it is prompted. */
export class SimulatedAgent {
  readonly #pane: MemoryPane
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #signal: AbortSignal
  #turn = 0

  constructor(pane: MemoryPane, clock: Clock, pace: Pace, signal: AbortSignal) {
    this.#pane = pane
    this.#clock = clock
    this.#pace = pace
    this.#signal = signal
    pane.reaction = (_pane, prompt) => void this.#answer(prompt)
  }

  /** Until the signal aborts. */
  async live(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#sleep(between(0.5, 1.5) * this.#pace.restMs)
      const { busy, dialog, draft } = this.#pane
      if (!busy && dialog === null && draft === '') await this.#workByItself()
    }
  }

  async #workByItself() {
    const task = oneOf(tasks)
    this.#pane.history.push(`> ${task}`)
    await this.#work(between(...this.#pace.workMs), `Done: ${task}.`)
  }

  async #answer(prompt: string) {
    const lines = prompt.split('\n').length
    const size = lines === 1 ? `${prompt.length} characters` : `${lines} lines`
    await this.#work(between(...this.#pace.answerMs), `This is a simulated answer to ${size}.`)
  }

  /** One turn; whoever interrupts it, or begins another one meanwhile, has ended it. */
  async #work(ms: number, answer: string) {
    const pane = this.#pane
    forgetOld(pane)
    const turn = (this.#turn += 1)
    const goesOn = () => !this.#signal.aborted && pane.busy && this.#turn === turn
    pane.busy = true
    const until = this.#clock.now() + ms
    if (chance(1 / asksInTurns)) await this.#ask(goesOn)
    while (goesOn() && this.#clock.now() < until) {
      await this.#sleep(Math.min(stepMs, until - this.#clock.now()))
      if (goesOn()) pane.history.push(`● ${oneOf(steps)}`)
    }
    if (goesOn()) pane.answer(answer)
  }

  /** Answered from the dashboard, by a rule, or in the end by itself. */
  async #ask(goesOn: () => boolean) {
    const pane = this.#pane
    await this.#sleep(stepMs)
    if (!goesOn()) return
    pane.asked = oneOf(commands)
    pane.dialog = 'Allow this command?'
    const until = this.#clock.now() + between(...this.#pace.dialogMs)
    while (pane.dialog !== null && this.#clock.now() < until) await this.#sleep(1_000)
    pane.dialog = null
  }

  /** Rests even after the signal aborted, so that no loop turns without a pause. */
  async #sleep(ms: number) {
    await this.#clock.sleep(ms, this.#signal)
  }
}

/** A pane remembers everything; a simulation runs for days. */
function forgetOld(pane: MemoryPane) {
  pane.received = ''
  pane.prompts = []
  pane.history = pane.history.slice(-pane.height)
}

const tasks = [
  'fix the flaky test in auth',
  'write the migration for invoices',
  'find out why the build is slow',
  'update the dependencies',
  'describe the API of the cart',
  'make the list of orders load faster',
]
const steps = [
  'read src/cart/total.ts',
  'read src/auth/session.ts',
  'edited src/cart/total.ts (+12 -4)',
  'ran npm test: 214 passed',
  'searched for "retryAfter" in 340 files',
  'edited tests/auth.test.ts (+31 -2)',
]
const commands = ['npm test', 'npm run build', 'git push origin main', 'rm -rf build', 'docker compose up -d']
