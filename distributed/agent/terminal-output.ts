import { setTimeout as sleep } from 'node:timers/promises'
import type { AttachedTerminal } from '../../app/core/terminal.ts'

/** Output that comes in small pieces is gathered for this long, in ms; nobody sees it. */
const gatherMs = 8
/** Characters of one batch, and of what may wait for the next: then the terminal rests until half of it is taken. */
const perBatch = 64 * 1024
const mostWaiting = 2 * perBatch

/**
 * What a terminal shows, handed out in batches to whoever asks: while nobody does, a bounded part of it is kept
 * and the terminal rests, so that a flood on this node costs neither memory nor the network anything.
 */
export class TerminalOutput {
  readonly #terminal: AttachedTerminal
  #waiting = ''
  #isOver = false
  #isResting = false
  #wake: () => void = () => undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(terminal: AttachedTerminal) {
    this.#terminal = terminal
    terminal.onOutput((text) => this.#take(text))
    void this.#noticeEnd()
  }

  /** The next batch, as soon as there is one; those who ask at the same time are answered one after the other. */
  read(): Promise<{ text: string; over: boolean }> {
    const turn = this.#turn.then(() => this.#next())
    this.#turn = turn
    return turn
  }

  async #noticeEnd() {
    await this.#terminal.ended
    this.#isOver = true
    this.#wake()
  }

  async #next() {
    while (this.#waiting === '' && !this.#isOver) await new Promise<void>((wake) => (this.#wake = wake))
    if (this.#waiting.length < perBatch && !this.#isOver) await sleep(gatherMs)
    const end = endOfBatch(this.#waiting)
    const text = this.#waiting.slice(0, end)
    this.#waiting = this.#waiting.slice(end)
    if (this.#isResting && this.#waiting.length <= mostWaiting / 2) this.#rest(false)
    return { text, over: this.#isOver && this.#waiting === '' }
  }

  #take(text: string) {
    this.#waiting += text
    if (!this.#isResting && this.#waiting.length >= mostWaiting) this.#rest(true)
    this.#wake()
  }

  #rest(isResting: boolean) {
    this.#isResting = isResting
    if (isResting) this.#terminal.pause()
    else this.#terminal.resume()
  }
}

/** Half of a surrogate pair would not survive the wire. */
function endOfBatch(text: string): number {
  if (text.length <= perBatch) return text.length
  return /[\uD800-\uDBFF]/.test(text[perBatch - 1]!) ? perBatch - 1 : perBatch
}
