import type { MetricSample } from '../../app/core/metric-sample.ts'
import type { NodeFacts } from '../../app/core/node.ts'
import { messageOf } from '../../app/core/errors.ts'
import { endsWith } from '../../app/core/signals.ts'
import type { LiveSession } from '../../app/core/fleet.ts'
import {
  mostSamplesInReport,
  type NodeSideSocket,
  type Report,
  type ReportReply,
} from '../protocol/sockets.ts'
import type { Here } from './here.ts'
import { KeptSamples } from './kept-samples.ts'

/** Where a node's figures come from. */
export interface MetricSource {
  sample(sessions: readonly LiveSession[]): Promise<MetricSample>
  facts(): Promise<NodeFacts>
}

export interface ReportsOptions {
  source: MetricSource
  here: Here
  sessions: () => readonly LiveSession[]
  onNewKey: (key: string) => void
}

/** Before the dashboard said how often. */
const usualEveryMs = 10_000
/** No dashboard makes a node do nothing else. */
const leastEveryMs = 500
/** A report that is not answered by then was lost with its connection. */
const answerWithinMs = 20_000

/**
 * Tells the dashboard how this machine is. What it can't tell is kept, the older samples ever more sparsely; it goes
 * on measuring while a report is under way, which a cut may hold up for long.
 */
export class Reports {
  readonly #socket: NodeSideSocket
  readonly #source: MetricSource
  readonly #here: Here
  readonly #sessions: () => readonly LiveSession[]
  readonly #onNewKey: (key: string) => void
  readonly #samples = new KeptSamples()
  #reporting: Promise<void> | null = null
  #everyMs = usualEveryMs
  #factsTold = false
  #wake: () => void = () => undefined

  constructor(socket: NodeSideSocket, { source, here, sessions, onNewKey }: ReportsOptions) {
    this.#socket = socket
    this.#source = source
    this.#here = here
    this.#sessions = sessions
    this.#onNewKey = onNewKey
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#socket.on('connect', () => {
      this.#factsTold = false
      this.#wake()
    })
    this.#socket.on('sample', (everyMs) => this.#hurry(everyMs))
    // Whoever looked may never be able to say that they look no more.
    this.#socket.on('disconnect', () => (this.#everyMs = usualEveryMs))
    while (!signal.aborted) {
      using waking = endsWith(signal)
      this.#wake = waking.end
      const next = this.#here.clock.sleep(this.#everyMs, waking.signal)
      await this.#measure()
      void this.#reportAlone()
      await next
    }
  }

  /** Resolves when no report is under way; one that is ends with its connection. */
  async settled(): Promise<void> {
    await this.#reporting
  }

  async #measure() {
    try {
      this.#samples.add(await this.#source.sample(this.#sessions()))
    } catch (error) {
      this.#here.log.warn({ err: error }, `this machine could not be measured: ${messageOf(error)}`)
    }
  }

  /** Somebody begins to look, who waits for the first sample. */
  #hurry(everyMs: number) {
    const isSooner = everyMs < this.#everyMs
    this.#everyMs = Math.max(leastEveryMs, everyMs)
    if (isSooner) this.#wake()
  }

  async #reportAlone() {
    if (this.#reporting) return
    this.#reporting = this.#report()
    await this.#reporting
    this.#reporting = null
  }

  /** Never rejects. */
  async #report() {
    try {
      let isMore = this.#socket.connected
      // What came together during a cut follows at once.
      while (isMore) isMore = (await this.#reportOldest()) && this.#socket.connected
    } catch (error) {
      this.#here.log.warn({ err: error }, `a report could not be made: ${messageOf(error)}`)
    }
  }

  /** Samples that are told twice are told from new ones by their time. false: there is nothing more to tell. */
  async #reportOldest(): Promise<boolean> {
    const { samples, forget } = this.#samples.oldest(mostSamplesInReport)
    const facts = this.#factsTold ? {} : { facts: await this.#source.facts() }
    // That takes a second, in which the connection may have ended: an answer would be waited for in vain.
    if (!this.#socket.connected) return false
    const reply = await this.#ask({ samples, now: this.#here.clock.now(), ...facts })
    if (reply === null) return false
    this.#factsTold = true
    forget()
    this.#everyMs = Math.min(reply.everyMs, reply.sampleEveryMs)
    if (reply.newKey !== undefined) this.#onNewKey(reply.newKey)
    return this.#samples.size > 0
  }

  /** null: the connection ended before it was answered. */
  async #ask(report: Report): Promise<ReportReply | null> {
    try {
      return await this.#socket.timeout(answerWithinMs).emitWithAck('report', report)
    } catch (error) {
      this.#here.log.info({ reason: messageOf(error) }, 'a report was not answered')
      return null
    }
  }
}
