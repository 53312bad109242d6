import type { EpochMs } from '../../core/clock.ts'
import type { NodeId } from '../../core/node.ts'

/** One place in the ring of a node's tier. */
export interface Place {
  nodeId: NodeId
  tier: number
  place: number
}

export interface StoredSlot extends Place {
  slot: EpochMs
  lastAt: EpochMs
  figures: Buffer
}

/** Where the rings lie: a file of its own beside SQLite, a table on PostgreSQL. */
export interface Rings extends AsyncDisposable {
  /** Reads what is there at these places and stores what `change` makes of it, in one transaction. */
  update(
    places: readonly Place[],
    change: (stored: ReadonlyMap<string, StoredSlot>) => readonly StoredSlot[],
  ): Promise<void>
  /** The slots of a tier from `from` on, the oldest first. */
  range(nodeId: NodeId, tier: number, from: EpochMs): Promise<StoredSlot[]>
  forget(nodeId: NodeId): Promise<void>
}

export function placeKey({ nodeId, tier, place }: Place): string {
  return `${nodeId}/${tier}/${place}`
}
