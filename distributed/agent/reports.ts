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

/** While nobody hears them: a day of one in a minute, which is some 500 kB. */
const mostSamples = 1_440
/** Before the dashboard said how often. */
const usualEveryMs = 10_000
/** No dashboard makes a node do nothing else. */
const leastEveryMs = 500
/** A report that is not answered by then was lost with its connection. */
const answerWithinMs = 20_000

/** Tells the dashboard how this machine is. What it can't tell is kept, the older samples ever more sparsely. */
export class Reports {
  readonly #socket: NodeSideSocket
  readonly #source: MetricSource
  readonly #here: Here
  readonly #sessions: () => readonly LiveSession[]
  readonly #onNewKey: (key: string) => void
  #samples: MetricSample[] = []
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
      try {
        this.#keep(await this.#source.sample(this.#sessions()))
        await this.#report()
      } catch (error) {
        this.#here.log.warn({ err: error }, `this machine could not be measured: ${messageOf(error)}`)
      }
      using waking = endsWith(signal)
      this.#wake = waking.end
      await this.#here.clock.sleep(this.#everyMs, waking.signal)
    }
  }

  /** Somebody begins to look, who waits for the first sample. */
  #hurry(everyMs: number) {
    const isSooner = everyMs < this.#everyMs
    this.#everyMs = Math.max(leastEveryMs, everyMs)
    if (isSooner) this.#wake()
  }

  /** Those that are told twice are told from new ones by their time. */
  async #report() {
    while (this.#socket.connected) {
      const now = this.#here.clock.now()
      const samples = this.#samples
        .slice(0, mostSamplesInReport)
        .map((one) => ({ ...one, age: now - one.at }))
      const facts = this.#factsTold ? {} : { facts: await this.#source.facts() }
      const reply = await this.#ask({ samples, now, ...facts })
      if (reply === null) return
      this.#factsTold = true
      this.#samples.splice(0, samples.length)
      this.#everyMs = Math.min(reply.everyMs, reply.sampleEveryMs)
      if (reply.newKey !== undefined) this.#onNewKey(reply.newKey)
      if (this.#samples.length === 0) return
    }
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

  #keep(sample: MetricSample) {
    this.#samples.push(sample)
    if (this.#samples.length <= mostSamples) return
    // Of the older half every second one goes: a long cut keeps its whole course, coarsely.
    const half = mostSamples / 2
    this.#samples = this.#samples.filter((_sample, index) => index >= half || index % 2 === 0)
  }
}
