import { AppError } from '../core/errors.ts'
import type { Clock, EpochMs } from '../core/clock.ts'
import type { Look, StepResult } from '../core/host.ts'

export interface QuestionWish {
  clock: Clock
  labels: string[]
  /** Several can be ticked; without boxes a digit is the answer. */
  boxes: boolean
  /** So long each key is on its way before it is taken and drawn. */
  lagMs: () => number
}

/**
 * A pane in which Claude asks a question, drawn and answered as Claude 2.1 does it, without tmux and without a
 * program; its keys may be late. `host` compares before each key what tmux would compare.
 */
export class FakeQuestion {
  readonly ticked: boolean[]
  words = ''
  /** The place of the selection: an option, the row of one's own words, the row that ends the ticking, the chat. */
  at = 0
  /** What the agent was told; null while it waits. */
  told: string[] | null = null
  /** Every key and paste that came in, in its order. */
  readonly taken: string[] = []
  marker = ''
  /** What a person does between the look and the next key. */
  beforeKey: (() => void) | null = null
  /** tmux takes the next key, and is not heard from then on. */
  fallSilentAtKey = false
  #isSilent = false
  readonly #wish: QuestionWish
  readonly #coming: { key: string; paste: boolean; due: EpochMs }[] = []

  constructor(wish: QuestionWish) {
    this.#wish = wish
    this.ticked = [...wish.labels, ''].map(() => false)
  }

  readonly host = {
    look: async (_pane: unknown, searches: string[] = []): Promise<Look> => {
      this.#refuseSilent()
      return this.#look(searches)
    },
    press: async (seen: Look, keys: string[], marker: string) => {
      const { beforeKey } = this
      this.beforeKey = null
      beforeKey?.()
      const result = this.#take(seen, keys, false, marker)
      this.#isSilent = this.fallSilentAtKey
      this.#refuseSilent()
      return result
    },
    paste: async (seen: Look, text: string, marker: string) => this.#take(seen, [text], true, marker),
  }

  /** As a person at the pane: at once. */
  press(...keys: string[]) {
    for (const key of keys) this.#key(key)
  }

  #refuseSilent() {
    if (this.#isSilent) throw new AppError('unavailable', 'tmux does not answer.')
  }

  get #own(): number {
    return this.#wish.labels.length
  }

  #take(seen: Look, keys: string[], paste: boolean, marker: string): StepResult {
    const now = this.#look(Object.keys(seen.searches))
    if (guarded(now) !== guarded(seen)) return 'refused'
    const due = this.#wish.clock.now() + this.#wish.lagMs()
    this.#coming.push(...keys.map((key) => ({ key, paste, due })))
    this.marker = marker
    return 'done'
  }

  /** Keys are taken in their order, whichever was the slowest. */
  #catchUp() {
    while (this.#coming[0] && this.#coming[0].due <= this.#wish.clock.now()) {
      const { key, paste } = this.#coming.shift()!
      if (paste) this.#paste(key)
      else this.#key(key)
    }
  }

  #paste(text: string) {
    this.taken.push(`"${text}"`)
    if (this.at !== this.#own || this.told) return
    this.words += text
    this.ticked[this.#own] = true
  }

  #key(key: string) {
    this.taken.push(key)
    if (this.told) return
    const chat = this.#own + (this.#wish.boxes ? 2 : 1)
    if (key === 'Escape') this.told = []
    else if (key === 'Up') this.at = this.at === 0 ? this.#own : this.at - 1
    else if (key === 'Down') this.at = Math.min(chat, this.at + 1)
    else if (/^\d$/.test(key)) this.#digit(Number(key) - 1)
    else if (this.#wish.boxes) this.#boxKey(key)
    else if (key === 'Enter') this.#choose(this.at)
  }

  #digit(index: number) {
    if (this.at === this.#own) this.#write(String(index + 1))
    else if (this.at < this.#own && this.#wish.boxes && index <= this.#own) this.#turn(index)
    else if (this.at < this.#own) this.#choose(index)
  }

  #write(text: string) {
    this.words += text
    this.ticked[this.#own] = true
  }

  #boxKey(key: string) {
    const isEnd = this.at === this.#own + 1
    if (key === 'Tab' && this.at === this.#own) this.at += 1
    else if ((key === 'Tab' && this.at < this.#own) || (key === 'Enter' && isEnd)) this.#send()
    else if (key === 'Enter' && this.at <= this.#own) this.#turn(this.at)
    else if (key === 'Enter') this.#choose(this.at)
  }

  #turn(index: number) {
    this.ticked[index] = !this.ticked[index]
  }

  #send() {
    const labels = [...this.#wish.labels, this.words]
    this.told = labels.filter((_, index) => this.ticked[index])
  }

  #choose(index: number) {
    const { labels } = this.#wish
    if (index === this.#own) this.told = this.words === '' ? null : [this.words]
    else this.told = [labels[index] ?? 'chat']
  }

  #look(searches: string[]): Look {
    this.#catchUp()
    const rows = this.#rows()
    return {
      server: 'default',
      paneId: '%0',
      sessionName: 'dev',
      address: 'dev:0.0',
      pid: 1,
      tty: '/dev/pts/0',
      command: 'claude',
      title: '✳ Claude Code',
      path: '/',
      width,
      height: rows.length,
      dead: false,
      inMode: false,
      inputOff: false,
      alternate: true,
      cursor: { x: 0, y: rows.findLastIndex((row) => row.startsWith('❯')), visible: this.told !== null },
      historySize: 0,
      activityAt: 0,
      typedAt: null,
      marker: this.marker,
      at: this.#wish.clock.now(),
      rows,
      searches: Object.fromEntries(searches.map((pattern) => [pattern, firstMatch(rows, pattern)])),
    }
  }

  #rows(): string[] {
    if (this.told) return ['● Well.', '', rule, '❯ ', rule, '  ? for shortcuts', '', '']
    const { labels, boxes } = this.#wish
    const own = this.words === '' ? `Type something${boxes ? '' : '.'}` : this.words
    const options = [...labels, own].map((label, index) =>
      this.#row(index, `${index + 1}. ${boxes ? `[${this.ticked[index] ? '✔' : ' '}] ` : ''}${label}`),
    )
    const end = boxes ? [this.#row(this.#own + 1, '   Submit')] : []
    const chat = this.#row(this.#own + (boxes ? 2 : 1), `${this.#own + 2}. Chat about this`)
    const head = boxes ? `←  ${this.ticked.includes(true) ? '☒' : '☐'} Tools  ✔ Submit  →` : ' ☐ Tools'
    const footer = 'Enter to select · ↑/↓ to navigate · Esc to cancel'
    return [rule, head, '', 'Which tools?', '', ...options, ...end, rule, chat, '', footer, '', '']
  }

  #row(place: number, text: string): string {
    return `${this.at === place ? '❯' : ' '} ${text}`
  }
}

const width = 100
const rule = '─'.repeat(width)

/** What tmux compares in the moment of a key. */
function guarded({ marker, cursor, searches }: Look): string {
  return JSON.stringify([marker, cursor, searches])
}

function firstMatch(rows: string[], pattern: string): number | null {
  const row = rows.findIndex((text) => new RegExp(pattern, 'u').test(text.trimEnd()))
  return row < 0 ? null : row
}
