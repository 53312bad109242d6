import type { EpochMs } from './clock.ts'

/** What was used of a model, as an agent counts it itself. */
export interface Usage {
  /** '' where the agent does not say. */
  model: string
  tokensIn: number
  tokensOut: number
  cacheRead: number
  cacheWrite: number
  costUsd: number
  requests: number
  errors: number
}

/** One day (UTC) of one session. */
export interface SessionUsage extends Usage {
  node: string
  name: string
  day: EpochMs
}

/** Usage that is told at one moment. */
export interface TimedUsage extends Partial<Usage> {
  at: EpochMs
}
