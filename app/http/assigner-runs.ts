import { runningInstance, type Instance } from '../single-instance.ts'
import type { Config } from '../config.ts'
import type { Web } from './web.ts'

/** Finding out opens a lock file: an answer is good for this long, in ms. */
const goodForMs = 1_000

/** Whether an assigner works on this data folder; as old as a second. */
export function assignerRuns(web: Web): boolean {
  return assignerInstance(web) !== null
}

export function assignerInstance(web: Web): Instance | null {
  const known = seen.get(web.config)
  const now = performance.now()
  if (known && now - known.at < goodForMs) return known.instance
  const instance = runningInstance(web.config.dataDir, 'assigner')
  seen.set(web.config, { at: now, instance })
  return instance
}

/** What was found out is no longer so. */
export function forgetAssigner(config: Config): void {
  seen.delete(config)
}

const seen = new WeakMap<Config, { at: number; instance: Instance | null }>()
