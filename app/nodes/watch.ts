import type { Clock, EpochMs } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { figuresOf } from '../core/metric-figures.ts'
import type { MetricSample } from '../core/metric-sample.ts'
import type { Node, NodeId } from '../core/node.ts'
import type { MetricsStore } from '../db/metrics/store.ts'
import { listNodes } from '../db/node/read.ts'
import { advanceNode, markSeen, setNodeLoad } from '../db/node/write.ts'
import type { Database } from '../db/open.ts'
import { lifetimeFor, type Lifetime } from './lifetime.ts'
import { pressureOf } from './pressure.ts'

/** Where faults go; pino fits. */
export interface WatchLog {
  warn(data: object, message: string): void
  info(data: object, message: string): void
}

export interface WatchOptions {
  database: Database
  metrics: MetricsStore
  clock: Clock
  log: WatchLog
  /** Milliseconds that only run forward, whatever somebody does to the clock. */
  monotonic?: () => number
  /** false: a test calls `tick` itself. */
  ticks?: boolean
}

/** The newest that is known of how a node is doing. */
export interface Latest {
  sample: MetricSample
  /** When it was taken, by our clock. */
  at: EpochMs
}

/** Looks for silent nodes this often, in ms. */
const tickMs = 1_000
/** Records are read again, and last times written, this often. */
const tendEveryMs = 5_000
/** A tick that comes later than this by itself was held up: the silence of that time is ours. */
const ownStallMs = 3_000
/** Percent points by which a load has to change before others hear of it. */
const loadStep = 5
/** Between samples: usually, and while somebody looks. */
const usualSampleMs = 10_000
const lookedAtSampleMs = 1_000

interface Member {
  node: Node
  /** By the monotonic clock: when something of it was heard, here or by another dashboard. */
  heardAt: number
  isHeardHere: boolean
  latest: Latest | null
}

/**
 * Who was heard when. Silence is measured by this process's monotonic clock alone: neither a node's clock nor a
 * jump of ours makes anybody offline. Whoever was online when this process started has a whole lifetime to be
 * heard, and what other dashboards hear counts as well.
 */
export class NodeWatch implements AsyncDisposable {
  readonly #options: WatchOptions
  readonly #monotonic: () => number
  readonly #members = new Map<NodeId, Member>()
  readonly #looks = new Map<NodeId, number>()
  readonly #unsubscribe: () => void
  readonly #sampleListeners = new Set<(node: Node, latest: Latest) => void>()
  readonly #endListeners = new Set<(nodeId: NodeId, why: string) => void>()
  readonly #tendListeners = new Set<() => Promise<void>>()
  readonly #lookListeners = new Set<(nodeId: NodeId, everyMs: number) => void>()
  readonly #timer: NodeJS.Timeout | null
  #ticking: Promise<void> | null = null
  #reading: Promise<void> | null = null
  #readingAgain: Promise<void> | null = null
  #tickedAt: number
  #tendedAt = -Infinity
  #isStale = false

  static async open(options: WatchOptions): Promise<NodeWatch> {
    const watch = new NodeWatch(options)
    await watch.refresh()
    return watch
  }

  private constructor(options: WatchOptions) {
    this.#options = options
    this.#monotonic = options.monotonic ?? (() => performance.now())
    this.#tickedAt = this.#monotonic()
    this.#unsubscribe = options.database.bus.subscribe(() => {
      this.#isStale = true
    })
    this.#timer = options.ticks === false ? null : setInterval(() => this.#tickOnce(), tickMs)
  }

  /** How often nodes shall report, and what silence is too long, with as many as there are. */
  get lifetime(): Lifetime {
    return lifetimeFor(this.#members.size)
  }

  /** Everybody that is known, as of the last look into the records. */
  nodes(): Node[] {
    return [...this.#members.values()].map(({ node }) => node)
  }

  latest(nodeId: NodeId): Latest | null {
    return this.#members.get(nodeId)?.latest ?? null
  }

  /** A node reports; null: it was revoked or removed. */
  async heard(nodeId: NodeId): Promise<Node | null> {
    if (!this.#members.has(nodeId)) await this.refresh()
    const member = this.#members.get(nodeId)
    if (!member || member.node.state === 'revoked') return null
    member.heardAt = this.#monotonic()
    member.isHeardHere = true
    if (member.node.state !== 'online') await this.#advance(member, 'hear', null)
    return member.node
  }

  /** Somebody stopped its agent. */
  async stopped(nodeId: NodeId): Promise<void> {
    const member = this.#members.get(nodeId)
    if (member) await this.#advance(member, 'lose', stoppedReason)
  }

  /** The oldest first. Their times are reckoned from now by their age: a node's clock may be wrong. */
  measured(nodeId: NodeId, samples: readonly MetricSample[]): void {
    const member = this.#members.get(nodeId)
    if (!member) return
    const now = this.#options.clock.now()
    for (const sample of samples) {
      const at = now - (sample.age ?? 0)
      const figures = figuresOf(sample)
      this.#options.metrics.add({ nodeId, at, nodeAt: sample.at, figures })
      if (!member.latest || member.latest.at <= at) member.latest = { sample, at }
    }
    const { latest } = member
    if (latest) for (const tell of this.#sampleListeners) tell(member.node, latest)
  }

  /** Until disposed of, this node sends a sample each second. */
  look(nodeId: NodeId): Disposable {
    this.#looks.set(nodeId, (this.#looks.get(nodeId) ?? 0) + 1)
    this.#tellLook(nodeId)
    let isOver = false
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        const left = (this.#looks.get(nodeId) ?? 1) - 1
        if (left > 0) this.#looks.set(nodeId, left)
        else this.#looks.delete(nodeId)
        this.#tellLook(nodeId)
      },
    }
  }

  sampleEveryMs(nodeId: NodeId): number {
    return this.#looks.has(nodeId) ? lookedAtSampleMs : usualSampleMs
  }

  /** Hears of each new sample. Each returns the way to stop. */
  onSample(listener: (node: Node, latest: Latest) => void): () => void {
    this.#sampleListeners.add(listener)
    return () => this.#sampleListeners.delete(listener)
  }

  /** Hears within a second of nodes that were revoked or removed: their connections have to end. */
  onEnded(listener: (nodeId: NodeId, why: string) => void): () => void {
    this.#endListeners.add(listener)
    return () => this.#endListeners.delete(listener)
  }

  /** Is called every five seconds, after everything is up to date. */
  onTended(listener: () => Promise<void>): () => void {
    this.#tendListeners.add(listener)
    return () => this.#tendListeners.delete(listener)
  }

  /** Stores what was measured there; it would be within half a minute anyway. */
  keepSamples(nodeId: NodeId): Promise<void> {
    return this.#options.metrics.flush(nodeId)
  }

  /** Hears how often a node shall send samples from now on. */
  onLook(listener: (nodeId: NodeId, everyMs: number) => void): () => void {
    this.#lookListeners.add(listener)
    return () => this.#lookListeners.delete(listener)
  }

  /** What is done every second: silent nodes are offline; every five, records are brought up to date. */
  async tick(): Promise<void> {
    const now = this.#monotonic()
    const late = now - this.#tickedAt - tickMs
    this.#tickedAt = now
    if (late > ownStallMs) for (const member of this.#members.values()) member.heardAt += late
    if (now - this.#tendedAt >= tendEveryMs) await this.#tend(now)
    else if (this.#isStale) await this.refresh()
    await this.#expire(this.#monotonic())
  }

  /** Reads who there is: all that was written before the call is known when it is done. */
  refresh(): Promise<void> {
    if (!this.#reading) {
      this.#isStale = false
      this.#reading = this.#read().finally(() => {
        this.#reading = null
      })
      return this.#reading
    }
    const readAgain = () => {
      this.#readingAgain = null
      return this.refresh()
    }
    this.#readingAgain ??= this.#reading.then(readAgain, readAgain)
    return this.#readingAgain
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    this.#unsubscribe()
    await this.#ticking
    await this.#keepSeen()
    await this.#options.metrics.flush()
  }

  #tickOnce() {
    this.#ticking ??= this.tick()
      .catch((error: unknown) => {
        this.#options.log.warn({ err: error }, `nodes could not be looked after: ${messageOf(error)}`)
      })
      .finally(() => {
        this.#ticking = null
      })
  }

  async #tend(now: number) {
    this.#tendedAt = now
    await this.#keepSeen()
    await this.refresh()
    await this.#keepLoads()
    await this.#options.metrics.tend()
    for (const tended of this.#tendListeners) await tended()
  }

  async #read() {
    const nodes = await listNodes(this.#options.database.kysely)
    const now = this.#monotonic()
    const gone = new Set(this.#members.keys())
    for (const node of nodes) {
      gone.delete(node.id)
      const member = this.#members.get(node.id)
      if (!member) {
        this.#members.set(node.id, { node, heardAt: now, isHeardHere: false, latest: null })
        continue
      }
      const isHeardElsewhere = node.seenAt !== member.node.seenAt || member.node.state !== node.state
      if (isHeardElsewhere && !member.isHeardHere) member.heardAt = now
      const isRevoked = node.state === 'revoked' && member.node.state !== 'revoked'
      member.node = node
      if (isRevoked) this.#tellEnd(node.id, `${node.name} was revoked.`)
    }
    for (const id of gone) {
      const name = this.#members.get(id)?.node.name ?? ''
      this.#members.delete(id)
      this.#tellEnd(id, `${name} was removed.`)
      await this.#options.metrics.forget(id)
    }
  }

  async #expire(now: number) {
    const { lifetimeMs } = this.lifetime
    for (const member of this.#members.values()) {
      const silentMs = now - member.heardAt
      if (member.node.state !== 'online' || silentMs <= lifetimeMs) continue
      await this.#advance(member, 'lose', `nothing heard for ${Math.round(silentMs / 1000)} s`)
    }
  }

  async #advance(member: Member, event: 'hear' | 'lose', reason: string | null) {
    const { database, clock } = this.#options
    const { id } = member.node
    const node = await database.write((db) => advanceNode(db, id, event, reason, clock.now()))
    if (node) member.node = node
    else await this.refresh()
  }

  async #keepSeen() {
    const { database, clock } = this.#options
    const ids = [...this.#members.values()]
      .filter(({ isHeardHere }) => isHeardHere)
      .map(({ node }) => node.id)
    if (ids.length === 0) return
    const now = clock.now()
    await database.write((db) => markSeen(db, ids, now))
    for (const id of ids) {
      const member = this.#members.get(id)
      if (!member) continue
      member.isHeardHere = false
      // What this process wrote is no news from another one.
      member.node = { ...member.node, seenAt: now }
    }
  }

  /** Only what changed clearly: the assigner compares nodes by it, and each write is paid for by an SD card. */
  async #keepLoads() {
    const { database, clock } = this.#options
    const changed = [...this.#members.values()].flatMap(({ node, latest }) => {
      const { sample } = latest ?? {}
      if (!sample) return []
      const cpuPercent = sample.cpu === null ? node.cpuPercent : Math.round(sample.cpu)
      const pressure = pressureOf(sample, node.facts.cpus, node.limits, node.pressure)
      const isSame =
        isFixed(pressure) === isFixed(node.pressure) &&
        Math.abs((cpuPercent ?? -100) - (node.cpuPercent ?? -100)) < loadStep
      return isSame ? [] : [{ node, cpuPercent, pressure }]
    })
    if (changed.length === 0) return
    const now = clock.now()
    await database.write(async (db) => {
      for (const { node, cpuPercent, pressure } of changed) {
        await setNodeLoad(db, node.id, { cpuPercent, pressure }, node, now)
      }
    })
    for (const { node, cpuPercent, pressure } of changed) Object.assign(node, { cpuPercent, pressure })
  }

  #tellEnd(nodeId: NodeId, why: string) {
    for (const tell of this.#endListeners) tell(nodeId, why)
  }

  #tellLook(nodeId: NodeId) {
    const everyMs = this.sampleEveryMs(nodeId)
    for (const tell of this.#lookListeners) tell(nodeId, everyMs)
  }
}

/** Somebody ended the agent on purpose: nobody has to be told. */
export const stoppedReason = 'its agent was stopped'

/** "memory at 97 %" and "memory at 98 %" are the same reason. */
function isFixed(pressure: string | null): string | null {
  return pressure === null ? null : pressure.replace(/[\d.]+/g, '')
}
