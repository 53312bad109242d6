import type { EpochMs } from '../core/clock.ts'
import { compileOnce } from './hot.ts'
import type { Db } from './schema.ts'

/** Who may write into a pane. */
export interface PaneHolder {
  owner: string
  /** Rises with every new holder. */
  epoch: number
  /** Past this anybody may take it. */
  until: EpochMs
}

/**
 * The right to write into a pane, until `until`. The epoch rises with every new holder and never falls, so
 * that a guard with an earlier epoch refuses. The holder renews by taking it again, with the same epoch. A
 * person at the keyboard takes it from whoever has it. null: somebody else holds it.
 */
export async function takePaneLease(
  db: Db,
  paneKey: string,
  owner: string,
  until: EpochMs,
  now: EpochMs,
  isPerson = false,
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
        .where((eb) =>
          isPerson
            ? eb.lit(true)
            : eb.or([eb('pane_leases.owner', '=', owner), eb('pane_leases.until', '<=', now)]),
        ),
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

/** The last holder of a pane, whose right may be over; null when nobody ever held it. */
export async function readPaneLease(db: Db, paneKey: string): Promise<PaneHolder | null> {
  const [row] = await holderOf(db, { paneKey })
  return row ?? null
}

const holderOf = compileOnce((db, p: { paneKey: string }) =>
  db.selectFrom('pane_leases').select(['owner', 'epoch', 'until']).where('pane_key', '=', p.paneKey),
)

/** Every pane that somebody may write into now, and who. */
export async function heldPanes(db: Db, now: EpochMs): Promise<{ paneKey: string; owner: string }[]> {
  return held(db, { now })
}

const held = compileOnce((db, p: { now: EpochMs }) =>
  db.selectFrom('pane_leases').select(['pane_key as paneKey', 'owner']).where('until', '>', p.now),
)
