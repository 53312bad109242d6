import type { EpochMs } from '../core/clock.ts'
import type { Db } from './schema.ts'

/**
 * The right to write into a pane, until `until`. The epoch rises with every new holder and never falls, so
 * that a guard with an earlier epoch refuses. The holder renews by taking it again, with the same epoch.
 * null: somebody else holds it.
 */
export async function takePaneLease(
  db: Db,
  paneKey: string,
  owner: string,
  until: EpochMs,
  now: EpochMs,
): Promise<{ epoch: number } | null> {
  const row = await db
    .insertInto('pane_leases')
    .values({ pane_key: paneKey, owner, epoch: 1, until })
    .onConflict((conflict) =>
      conflict
        .column('pane_key')
        .doUpdateSet((eb) => ({
          owner,
          until,
          epoch: eb
            .case()
            .when(eb.and([eb('pane_leases.owner', '=', owner), eb('pane_leases.until', '>', now)]))
            .then(eb.ref('pane_leases.epoch'))
            .else(eb('pane_leases.epoch', '+', 1))
            .end(),
        }))
        .where((eb) => eb.or([eb('pane_leases.owner', '=', owner), eb('pane_leases.until', '<=', now)])),
    )
    .returning('epoch')
    .executeTakeFirst()
  return row ?? null
}

/** Gives the right back early; does nothing when somebody else has it by now. */
export async function releasePaneLease(db: Db, paneKey: string, owner: string, epoch: number): Promise<void> {
  await db
    .updateTable('pane_leases')
    .set({ until: 0 })
    .where('pane_key', '=', paneKey)
    .where('owner', '=', owner)
    .where('epoch', '=', epoch)
    .execute()
}
