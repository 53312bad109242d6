import { queueSnapshot } from '../broker/snapshot.ts'
import { latestCursor } from '../db/events.ts'
import type { Config } from '../config.ts'
import { toJson, type Json } from '../json.ts'
import type { QueueSnapshot } from '../broker/snapshot.ts'
import { defaultPageSize } from './schemas/list.ts'
import type { Web } from './web.ts'

/**
 * What the socket event `queue_snapshot` carries: the first page of `GET /api/prompts`, made once per event of
 * the log, however many clients ask.
 */
export async function currentSnapshot(web: Web): Promise<Json<QueueSnapshot>> {
  const cursor = await latestCursor(web.database.kysely)
  const known = kept.get(web.config)
  if (known?.cursor === cursor) return known
  const snapshot = toJson(await queueSnapshot(web.database.kysely, { limit: defaultPageSize }))
  kept.set(web.config, snapshot)
  return snapshot
}

const kept = new WeakMap<Config, Json<QueueSnapshot>>()
