import { messageOf } from '../../core/errors.ts'
import type { AttachedTerminal, TerminalEnd, TerminalSize } from '../../core/terminal.ts'
import type { Log } from '../../log.ts'
import { TerminalModes } from './modes.ts'
import type { Viewer } from './viewer.ts'

/** Output is gathered for this long or up to this size: 42 times fewer messages (measured), and nobody sees it. */
const gatherMs = 16
const gatherAtMost = 64 * 1024
/** Somebody's new size is noticed within this, in ms. */
const followEveryMs = 1_000

/** One attached terminal and everybody who looks at it; ends with the last of them. */
export class SharedTerminal {
  readonly #terminal: AttachedTerminal
  readonly #log: Log
  readonly #viewers = new Set<Viewer>()
  readonly #modes = new TerminalModes()
  readonly #timer: NodeJS.Timeout
  #gathered = ''
  #gathering: NodeJS.Timeout | null = null
  #wanted: TerminalSize | null = null
  #fitting: Promise<void> | null = null
  #isPaused = false
  #hasOutput = false

  constructor(terminal: AttachedTerminal, log: Log) {
    this.#terminal = terminal
    this.#log = log
    terminal.onOutput((text) => this.#gather(text))
    this.#timer = setInterval(() => void this.#follow(), followEveryMs)
  }

  get size(): TerminalSize {
    return this.#terminal.size
  }

  get ended(): Promise<TerminalEnd> {
    return this.#terminal.ended
  }

  get viewers(): ReadonlySet<Viewer> {
    return this.#viewers
  }

  add(viewer: Viewer): void {
    this.#flush()
    viewer.onCaughtUp = () => this.#restart(viewer)
    this.#viewers.add(viewer)
    if (this.#hasOutput) this.#restart(viewer)
    else viewer.restart('')
  }

  remove(viewer: Viewer): void {
    viewer.onCaughtUp = () => undefined
    this.#viewers.delete(viewer)
    this.#settlePace()
  }

  write(keys: string): void {
    this.#terminal.write(keys)
  }

  /** One at a time, and then the last that was asked for: each makes tmux draw the whole window anew. */
  async fit(size: TerminalSize | null): Promise<void> {
    this.#wanted = size
    this.#fitting ??= this.#fitToWanted().finally(() => (this.#fitting = null))
    await this.#fitting
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#gathering) clearTimeout(this.#gathering)
    await this.#terminal[Symbol.asyncDispose]()
  }

  #gather(text: string) {
    this.#hasOutput = true
    this.#modes.read(text)
    this.#gathered += text
    if (this.#gathered.length >= gatherAtMost) return this.#flush()
    this.#gathering ??= setTimeout(() => this.#flush(), gatherMs)
  }

  #flush() {
    if (this.#gathering) clearTimeout(this.#gathering)
    this.#gathering = null
    const text = this.#gathered
    this.#gathered = ''
    if (text === '') return
    for (const viewer of this.#viewers) viewer.take(text)
    this.#settlePace()
  }

  /** While nobody can take more, tmux keeps it: it redraws later what was missed. */
  #settlePace() {
    const isTooMuch = this.#viewers.size > 0 && [...this.#viewers].every(({ isSlow }) => isSlow)
    if (isTooMuch === this.#isPaused) return
    this.#isPaused = isTooMuch
    if (isTooMuch) this.#terminal.pause()
    else this.#terminal.resume()
  }

  /** For one who came late or missed something: an empty terminal in the right modes, then everything again. */
  #restart(viewer: Viewer) {
    this.#settlePace()
    viewer.restart(this.#modes.restore())
    void this.#quietly(() => this.#terminal.redraw())
  }

  async #fitToWanted() {
    let size: TerminalSize | null
    do {
      size = this.#wanted
      await this.#terminal.fit(size)
    } while (size !== this.#wanted)
    this.#tellSize()
  }

  async #follow() {
    await this.#quietly(async () => {
      if (await this.#terminal.followWindow()) this.#tellSize()
    })
  }

  #tellSize() {
    for (const viewer of this.#viewers) viewer.tellState({ ...this.size })
  }

  /** The terminal may end at any moment, which `ended` tells. */
  async #quietly(work: () => Promise<void>) {
    try {
      await work()
    } catch (error) {
      this.#log.json.debug({ err: error }, `a terminal: ${messageOf(error)}`)
    }
  }
}
