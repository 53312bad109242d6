import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/open.ts'
import type { NodeWatch } from './watch.ts'

/** What records of nodes are changed with. */
export interface NodeRecords {
  database: Database
  clock: Clock
}

/** What the dashboard has beside them: who was heard when. Made by `openNodes`. */
export interface NodeTools extends NodeRecords {
  watch: NodeWatch
}
