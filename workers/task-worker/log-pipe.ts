import { StringDecoder } from 'node:string_decoder'
import { maskText, unfinishedFrom } from '../../app/core/masking.ts'
import type { LogPart } from '../../app/core/task.ts'

/** Of what comes between two flushes so much is sent: its beginning and its end. In bytes. */
const flushBytes = 64_000
/** The first flush comes this soon, so that a log is live; later ones of a long log come slower. In ms. */
const quickMs = 250
const slowMs = 2_000
const slowFromBytes = 1_000_000
/** Parts that wait because the desk can't be reached; more are left out. */
const mostWaiting = 50

type Send = (parts: readonly LogPart[]) => Promise<void>

/**
 * The log of one run on its way to the desk: decoded, with secrets masked although they come in pieces, in parts of
 * limited size however much is written. What is left out is counted by the places of the parts.
 */
export class LogPipe {
  readonly #send: Send
  readonly #sendLast: Send
  readonly #decoders = new Map<string, StringDecoder>()
  /** What came and is not masked yet: it may end in the beginning of a secret. */
  #held = ''
  /** Masked, and not yet a part. */
  #head = ''
  #tail = ''
  #cutBytes = 0
  #at = 0
  #waiting: LogPart[] = []
  #timer: NodeJS.Timeout | null = null
  #sending: Promise<void> = Promise.resolve()

  /** `sendLast`: for what is left at the end, as long as that may take. */
  constructor(send: Send, sendLast: Send) {
    this.#send = send
    this.#sendLast = sendLast
  }

  /** `from`: each stream has its own unfinished letter. */
  write(chunk: Buffer | string, from = 'own'): void {
    const text = typeof chunk === 'string' ? chunk : this.#decode(chunk, from)
    this.#held += text
    const cut = unfinishedFrom(this.#held)
    this.#take(this.#held.slice(0, cut))
    this.#held = this.#held.slice(cut)
    const everyMs = this.#at > slowFromBytes ? slowMs : quickMs
    this.#timer ??= setTimeout(() => this.#flush(), everyMs)
  }

  line(text: string): void {
    this.write(`${text}\n`)
  }

  /** Everything that came is with the desk when this resolves, or the desk did not take it. */
  async end(): Promise<void> {
    for (const decoder of this.#decoders.values()) this.#held += decoder.end()
    this.#take(this.#held)
    this.#held = ''
    this.#flush()
    await this.#sending
    await this.#sendWaiting(this.#sendLast)
  }

  #decode(chunk: Buffer, from: string): string {
    let decoder = this.#decoders.get(from)
    if (!decoder) this.#decoders.set(from, (decoder = new StringDecoder('utf8')))
    return decoder.write(chunk)
  }

  #take(text: string) {
    // Neither database takes a NUL within a text.
    const masked = maskText(text).replaceAll('\0', '␀')
    if (this.#head.length < flushBytes / 2) this.#head += masked
    else this.#tail += masked
    if (this.#tail.length <= flushBytes) return
    const kept = this.#tail.slice(-flushBytes / 2)
    this.#cutBytes += Buffer.byteLength(this.#tail) - Buffer.byteLength(kept)
    this.#tail = kept
  }

  #flush() {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#cutBytes === 0) this.#part(this.#head + this.#tail)
    else {
      this.#part(this.#head)
      this.#at += this.#cutBytes
      this.#part(this.#tail)
    }
    this.#head = this.#tail = ''
    this.#cutBytes = 0
    this.#sending = this.#sending.then(() => this.#sendWaiting())
  }

  #part(text: string) {
    if (text === '') return
    const bytes = Buffer.byteLength(text)
    this.#waiting.push({ at: this.#at, bytes, text })
    this.#at += bytes
    if (this.#waiting.length > mostWaiting) this.#waiting.splice(mostWaiting / 2, 1)
  }

  async #sendWaiting(send = this.#send) {
    const parts = this.#waiting
    if (parts.length === 0) return
    this.#waiting = []
    try {
      await send(parts)
    } catch {
      // The desk said already that it can't be reached, or that the run is somebody else's: the log is not what counts.
      this.#waiting = [...parts, ...this.#waiting].slice(-mostWaiting)
    }
  }
}
