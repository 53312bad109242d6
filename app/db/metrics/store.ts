import type { EpochMs } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { figureNames, type FigureName, type Figures } from '../../core/metric-figures.ts'
import type { NodeId } from '../../core/node.ts'
import type { Database } from '../open.ts'
import {
  gather,
  nothingGathered,
  packGathered,
  readFigure,
  unpackGathered,
  type Gathered,
} from './figures.ts'
import { openPostgresRings } from './postgres-rings.ts'
import { placeKey, type Place, type Rings, type StoredSlot } from './rings.ts'
import { openSqliteRings } from './sqlite-rings.ts'
import { placeOf, slotOf, tierFor, tiers } from './tiers.ts'

/** One sample of a node, on its way into all tiers. */
export interface NewFigures {
  nodeId: NodeId
  /** When it was taken, by the dashboard's clock. */
  at: EpochMs
  /** The same by the node's own clock: a sample that comes twice is known by it. */
  nodeAt: EpochMs
  figures: Figures
}

/** Columns of a chart, the oldest first. */
export interface Series {
  stepMs: number
  /** Beginnings of the steps; steps without a sample are left out. */
  times: EpochMs[]
  figures: Partial<Record<FigureName, { mean: (number | null)[]; highest: (number | null)[] }>>
}

/** The past of all nodes' figures. */
export interface MetricsStore extends AsyncDisposable {
  /** Keeps a sample in memory until the next `flush`. */
  add(sample: NewFigures): void
  /** Stores what was added, of this node or of all. A failure keeps it for the next time, as far as there is room. */
  flush(nodeId?: NodeId): Promise<void>
  /** To be called every few seconds: stores what has waited long enough. */
  tend(): Promise<void>
  /** From `from` to now, as finely as it is kept so far back. */
  series(nodeId: NodeId, from: EpochMs, now: EpochMs, wanted?: readonly FigureName[]): Promise<Series>
  forget(nodeId: NodeId): Promise<void>
}

/** Samples that wait while the database doesn't take them; the oldest go first. */
const mostWaiting = 50_000
/**
 * So long a node's samples wait for each other, in ms: three of them, or thirty while somebody looks, cost the disk
 * as much as one.
 */
const gatherMs = 25_000
/** Samples of one transaction: nobody else's request waits longer than some ten milliseconds. */
const atOnce = 250

export function openMetricsStore(database: Database, onFault: (error: unknown) => void): MetricsStore {
  const rings =
    database.dialect === 'postgres' ? openPostgresRings(database) : openSqliteRings(database.dataDir, onFault)
  return new RingStore(rings, onFault)
}

interface Waiting {
  /** By a clock that only runs forward. */
  since: number
  samples: NewFigures[]
}

class RingStore implements MetricsStore {
  readonly #rings: Rings
  readonly #onFault: (error: unknown) => void
  readonly #waiting = new Map<NodeId, Waiting>()
  #count = 0
  #flushing: Promise<void> = Promise.resolve()

  constructor(rings: Rings, onFault: (error: unknown) => void) {
    this.#rings = rings
    this.#onFault = onFault
  }

  add(sample: NewFigures) {
    const waiting = this.#waiting.get(sample.nodeId)
    if (waiting) waiting.samples.push(sample)
    else this.#waiting.set(sample.nodeId, { since: performance.now(), samples: [sample] })
    this.#count += 1
    for (const [oldest] of this.#waiting) {
      if (this.#count <= mostWaiting) break
      this.#take(oldest)
    }
  }

  flush(nodeId?: NodeId): Promise<void> {
    return this.#flushThose(nodeId === undefined ? () => true : (id) => id === nodeId)
  }

  tend(): Promise<void> {
    const before = performance.now() - gatherMs
    return this.#flushThose((_id, { since }) => since <= before)
  }

  #flushThose(isMeant: (nodeId: NodeId, waiting: Waiting) => boolean): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#store(isMeant))
    return this.#flushing
  }

  async #store(isMeant: (nodeId: NodeId, waiting: Waiting) => boolean) {
    const meant = [...this.#waiting].filter(([id, waiting]) => isMeant(id, waiting)).map(([id]) => id)
    while (meant.length > 0) {
      const part: NewFigures[] = []
      while (meant.length > 0 && part.length < atOnce) part.push(...this.#take(meant.shift()!))
      if (!(await this.#storePart(part))) return
    }
  }

  /** false: the database does not take it at the moment. */
  async #storePart(samples: readonly NewFigures[]): Promise<boolean> {
    for (let from = 0; from < samples.length; from += atOnce) {
      const part = samples.slice(from, from + atOnce)
      try {
        await this.#rings.update(placesOf(part), (stored) => merged(part, stored))
      } catch (error) {
        this.#putBack(samples.slice(from))
        this.#onFault(new Error(`figures of nodes wait: ${messageOf(error)}`, { cause: error }))
        return false
      }
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    return true
  }

  #take(nodeId: NodeId): NewFigures[] {
    const samples = this.#waiting.get(nodeId)?.samples ?? []
    this.#waiting.delete(nodeId)
    this.#count -= samples.length
    return samples
  }

  /** Before what came meanwhile. */
  #putBack(samples: readonly NewFigures[]) {
    const newer = [...this.#waiting.keys()].flatMap((id) => this.#take(id))
    for (const sample of [...samples, ...newer]) this.add(sample)
  }

  async series(nodeId: NodeId, from: EpochMs, now: EpochMs, wanted: readonly FigureName[] = figureNames) {
    await this.flush(nodeId)
    const tier = tierFor(now - from)
    const { stepMs } = tiers[tier]!
    const slots = await this.#rings.range(nodeId, tier, slotOf(tiers[tier]!, from))
    // A node's future slot can only be an older one of a clock that was set back since.
    const past = slots.filter(({ slot }) => slot <= now)
    const figures = Object.fromEntries(wanted.map((name) => [name, columnsOf(past, name)]))
    return { stepMs, times: past.map(({ slot }) => slot), figures }
  }

  async forget(nodeId: NodeId) {
    this.#take(nodeId)
    await this.#flushing
    await this.#rings.forget(nodeId)
  }

  async [Symbol.asyncDispose]() {
    await this.flush()
    await this.#rings[Symbol.asyncDispose]()
  }
}

function columnsOf(slots: readonly StoredSlot[], name: FigureName) {
  const index = figureNames.indexOf(name)
  const found = slots.map(({ figures }) => readFigure(figures, index))
  return {
    mean: found.map((each) => each && shortened(each.mean)),
    highest: found.map((each) => each && shortened(each.highest)),
  }
}

/** Four digits are more than a chart shows; floats of 32 bits would be written with seventeen. */
function shortened(value: number): number {
  return Number(value.toPrecision(Math.abs(value) >= 1e4 ? 7 : 4))
}

function placesOf(samples: readonly NewFigures[]): Place[] {
  const places = new Map<string, Place>()
  for (const { nodeId, at } of samples) {
    tiers.forEach((each, tier) => {
      const place = { nodeId, tier, place: placeOf(each, slotOf(each, at)) }
      places.set(placeKey(place), place)
    })
  }
  return [...places.values()]
}

/** What stands in the rings after these samples; a sample that was stored before changes nothing. */
function merged(samples: readonly NewFigures[], stored: ReadonlyMap<string, StoredSlot>): StoredSlot[] {
  const changed = new Map<string, OpenSlot>()
  for (const sample of samples) {
    const slots = tiers.map((_, tier) => openSlot(sample, tier, stored, changed))
    const [finest] = slots
    if (finest && finest.count > 0 && sample.nodeAt <= finest.lastAt) continue
    for (const slot of slots) if (slot) addTo(slot, sample, changed)
  }
  return [...changed.values()].map(({ nodeId, tier, place, slot, lastAt, gathered }) => {
    return { nodeId, tier, place, slot, lastAt, figures: packGathered(gathered) }
  })
}

interface OpenSlot extends Place {
  slot: EpochMs
  lastAt: EpochMs
  gathered: Gathered
  /** Samples that it holds, or 1 for one that was stored before. */
  count: number
}

/** null: the place belongs to a later time already. */
function openSlot(
  { nodeId, at }: NewFigures,
  tier: number,
  stored: ReadonlyMap<string, StoredSlot>,
  changed: ReadonlyMap<string, OpenSlot>,
): OpenSlot | null {
  const slot = slotOf(tiers[tier]!, at)
  const place = { nodeId, tier, place: placeOf(tiers[tier]!, slot) }
  const key = placeKey(place)
  const open = changed.get(key)
  const there = open ?? stored.get(key)
  if (there && there.slot > slot) return null
  if (open?.slot === slot) return open
  const before = stored.get(key)
  if (!open && before?.slot === slot) {
    return { ...place, slot, lastAt: before.lastAt, gathered: unpackGathered(before.figures), count: 1 }
  }
  return { ...place, slot, lastAt: 0, gathered: nothingGathered(), count: 0 }
}

function addTo(slot: OpenSlot, { figures, nodeAt }: NewFigures, changed: Map<string, OpenSlot>) {
  gather(slot.gathered, figures)
  slot.lastAt = slot.count === 0 ? nodeAt : Math.max(slot.lastAt, nodeAt)
  slot.count += 1
  changed.set(placeKey(slot), slot)
}
