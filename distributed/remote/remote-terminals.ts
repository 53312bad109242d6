import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, AwayError } from '../../app/core/errors.ts'
import type { PaneRef } from '../../app/core/host.ts'
import type { AttachedTerminal, TerminalEnd, TerminalHost, TerminalSize } from '../../app/core/terminal.ts'
import type { NodeLink } from './link.ts'

/** Batches of output that may be under way: with one, the node would wait for the network after each. */
const batchesUnderWay = 2
const emptyRestMs = 100

/** Terminals on the sessions of another node: tmux' clients run there, and what they show travels in batches. */
export class RemoteTerminals implements TerminalHost {
  readonly #link: NodeLink

  constructor(link: NodeLink) {
    this.#link = link
  }

  async attach({ server, paneId }: PaneRef, mode: 'view' | 'type'): Promise<AttachedTerminal> {
    const { terminal, pid, size } = await this.#link.call('attach', { pane: { server, paneId }, mode })
    return new RemoteTerminal(this.#link, terminal, { pid, size })
  }
}

class RemoteTerminal implements AttachedTerminal {
  readonly pid: number
  readonly ended: Promise<TerminalEnd>
  readonly #link: NodeLink
  readonly #terminal: string
  #size: TerminalSize
  #end: (how: TerminalEnd) => void = () => undefined
  #isOver = false
  #listener: ((text: string) => void) | null = null
  #early = ''
  #resting: Promise<void> | null = null
  #goOn: () => void = () => undefined

  constructor(link: NodeLink, terminal: string, { pid, size }: { pid: number; size: TerminalSize }) {
    this.#link = link
    this.#terminal = terminal
    this.pid = pid
    this.#size = size
    this.ended = new Promise((resolve) => (this.#end = resolve))
    for (let reader = 0; reader < batchesUnderWay; reader += 1) void this.#read()
  }

  get size(): TerminalSize {
    return this.#size
  }

  onOutput(listener: (text: string) => void): void {
    this.#listener = listener
    if (this.#early !== '') listener(this.#early)
    this.#early = ''
  }

  write(keys: string): void {
    if (this.#isOver) return
    // One that takes no keys has ended, which its reading tells.
    this.#link.call('writeTerminal', { ...this.#it, keys }).catch(() => undefined)
  }

  pause(): void {
    this.#resting ??= new Promise((resolve) => (this.#goOn = resolve))
  }

  resume(): void {
    this.#resting = null
    this.#goOn()
  }

  async redraw(): Promise<void> {
    await this.#link.call('redrawTerminal', this.#it)
  }

  async followWindow(): Promise<boolean> {
    const { changed, size } = await this.#link.call('followWindow', this.#it)
    this.#size = size
    return changed
  }

  async fit(size: TerminalSize | null): Promise<void> {
    this.#size = await this.#link.call('fitTerminal', { ...this.#it, size })
  }

  /** One whose node is away has ended there as well. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return
    this.#finish('over')
    await this.#link.call('detach', this.#it).catch(unlessOver)
  }

  get #it() {
    return { terminal: this.#terminal }
  }

  /** Each question is leave for one batch. */
  async #read(): Promise<void> {
    while (!this.#isOver) {
      await this.#resting
      if (this.#isOver) return
      try {
        const { text, over } = await this.#link.call('readTerminal', this.#it)
        this.#show(text)
        if (over) this.#finish('over')
        // A node of ours waits until there is something; with any other one this would never rest.
        else if (text === '') await sleep(emptyRestMs)
      } catch (error) {
        this.#finish(error instanceof AwayError ? 'away' : 'over')
      }
    }
  }

  #show(text: string) {
    if (text === '' || this.#isOver) return
    if (this.#listener) this.#listener(text)
    else this.#early += text
  }

  #finish(how: TerminalEnd) {
    this.#isOver = true
    this.resume()
    this.#end(how)
  }
}

/** It has ended already, or its node is away. */
function unlessOver(error: unknown) {
  if (!(error instanceof AppError)) throw error
}
