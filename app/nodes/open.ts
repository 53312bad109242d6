import type { Clock } from '../core/clock.ts'
import { openMetricsStore, type MetricsStore } from '../db/metrics/store.ts'
import type { Database } from '../db/open.ts'
import { packageVersion } from '../version.ts'
import { AlertDesk } from './alerts.ts'
import type { NodeTools } from './tools.ts'
import { NodeWatch, type WatchLog } from './watch.ts'

/** What a dashboard knows about nodes, opened once when it starts. */
export interface Nodes extends NodeTools, AsyncDisposable {
  metrics: MetricsStore
}

export async function openNodes(tools: { database: Database; clock: Clock; log: WatchLog }): Promise<Nodes> {
  const { database, clock, log } = tools
  const metrics = openMetricsStore(database, (error) => log.warn({ err: error }, String(error)))
  const watch = await NodeWatch.open({ database, metrics, clock, log })
  const alerts = new AlertDesk({ database, clock, watch, version: packageVersion() })
  watch.onTended(() => alerts.evaluate())
  return {
    database,
    clock,
    watch,
    metrics,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]()
      await metrics[Symbol.asyncDispose]()
    },
  }
}
