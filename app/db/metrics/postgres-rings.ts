import { sql } from 'kysely'
import type { Database } from '../open.ts'
import type { Db } from '../schema.ts'
import { placeKey, type Place, type Rings, type StoredSlot } from './rings.ts'

/** Rows of one statement: PostgreSQL takes 65,535 parameters, and each row has six. */
const atOnce = 2_000

/** The table `node_metrics`, which all replicas share. */
export function openPostgresRings(database: Database): Rings {
  return {
    update: (places, change) =>
      database.write(async (db) => {
        const found = new Map<string, StoredSlot>()
        for (const part of parts(places)) {
          for (const row of await lockedRows(db, part)) found.set(placeKey(row), row)
        }
        for (const part of parts(change(found))) await put(db, part)
      }),
    range: (nodeId, tier, from) =>
      slots(database.kysely)
        .where('node_id', '=', nodeId)
        .where('tier', '=', tier)
        .where('slot', '>=', from)
        .orderBy('slot')
        .execute(),
    async forget(nodeId) {
      await database.write((db) => db.deleteFrom('node_metrics').where('node_id', '=', nodeId).execute())
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function slots(db: Db) {
  return db
    .selectFrom('node_metrics')
    .select(['node_id as nodeId', 'tier', 'place', 'slot', 'last_at as lastAt', 'figures'])
}

function lockedRows(db: Db, places: readonly Place[]): Promise<StoredSlot[]> {
  const keys = places.map(({ nodeId, tier, place }) => sql`(${nodeId}::bigint, ${tier}::int, ${place}::int)`)
  return slots(db)
    .where(sql<boolean>`(node_id, tier, place) in (${sql.join(keys)})`)
    .orderBy('node_id')
    .orderBy('tier')
    .orderBy('place')
    .forUpdate()
    .execute()
}

async function put(db: Db, rows: readonly StoredSlot[]) {
  const values = rows.map(({ nodeId, lastAt, ...rest }) => ({ ...rest, node_id: nodeId, last_at: lastAt }))
  await db
    .insertInto('node_metrics')
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(['node_id', 'tier', 'place']).doUpdateSet((eb) => ({
        slot: eb.ref('excluded.slot'),
        last_at: eb.ref('excluded.last_at'),
        figures: eb.ref('excluded.figures'),
      })),
    )
    .execute()
}

function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += atOnce) yield all.slice(start, start + atOnce)
}
