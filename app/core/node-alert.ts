import type { EpochMs } from './clock.ts'
import type { NodeId } from './node.ts'

export const alertKinds = ['offline', 'disk', 'temperature', 'memory', 'power', 'version'] as const
export type AlertKind = (typeof alertKinds)[number]

/** Something that is wrong with a machine, until it is not any more. */
export interface NodeAlert {
  id: number
  nodeId: NodeId
  kind: AlertKind
  state: 'open' | 'ended'
  /** A sentence: "/ of pi-1 is 93 % full". */
  says: string
  raisedAt: EpochMs
  endedAt: EpochMs | null
  endedReason: string | null
}
