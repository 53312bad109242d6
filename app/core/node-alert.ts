import { z } from 'zod'
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

const minutes = z.number().min(0).max(1440)
const percent = z.number().min(1).max(100)

/** From when on people are told. What ends an alert is clearly better than what begins it. */
export const alertRulesSchema = z.object({
  /** What is watched for. */
  kinds: z.array(z.enum(alertKinds)).default([...alertKinds]),
  /** Beside the silence after which a node counts as offline. */
  offlineMinutes: minutes.default(1),
  diskPercent: percent.default(90),
  memoryPercent: percent.default(95),
  celsius: z.number().min(30).max(150).default(80),
  /** How long disk, memory and temperature have to be so. */
  forMinutes: minutes.default(5),
})
export type AlertRules = z.infer<typeof alertRulesSchema>

export const usualAlertRules: AlertRules = alertRulesSchema.parse({})
