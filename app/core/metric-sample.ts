import type { EpochMs } from './clock.ts'

/** Bytes in use and there altogether. */
export type UsedOf = [used: number, total: number]

/**
 * One look at a machine, as it goes over the wire: short names, because a node sends one every ten seconds for
 * years. null: the machine doesn't say. `app/core/metric-schema.ts` checks it; whoever makes it needs no zod.
 */
export interface MetricSample {
  /** When it was taken, by the node's own clock; also what tells a repeated sample from a new one. */
  at: EpochMs
  /** How long ago it was taken when it is sent, in ms: the dashboard reckons with this, not with `at`. */
  age?: number
  /** Percent of all processors since the sample before; null in the first one. */
  cpu: number | null
  /** Load averages over 1, 5, 15 minutes. */
  load: [number, number, number] | null
  mem: UsedOf | null
  swap: UsedOf | null
  /** Real file systems, by where they are mounted. */
  disks: [mount: string, used: number, total: number][]
  /** Bytes per second, in and out, of all real interfaces; null in the first sample and after a reset. */
  net: [received: number, sent: number] | null
  /** Of the processor, in °C. */
  temp: number | null
  /** Seconds since the machine started. */
  up: number | null
  /** Processor percent (of one core) and resident bytes of the tmux servers. */
  tmux: [cpu: number | null, bytes: number] | null
  /** The same of the node agent itself. */
  agent: [cpu: number | null, bytes: number] | null
  /** The same for each agent session with everything that runs in it; `key` is `server/%7`. */
  sessions: [key: string, cpu: number | null, bytes: number][]
  /** Bits of the Raspberry Pi's firmware (`get_throttled`); null on other machines. */
  pi: number | null
}

/** The bits of `MetricSample.pi` that tell of now; the same 16 higher: since the machine started. */
export const piBits = { underVoltage: 1, frequencyCapped: 2, throttled: 4, softTemperatureLimit: 8 } as const

/** What a sample may hold; more is cut where it is made, and refused where it arrives. */
export const sampleLimits = { disks: 16, sessions: 256, keyChars: 200, mountChars: 200 } as const
