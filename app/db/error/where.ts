import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { errorLimits, type ErrorId } from '../../core/reported-error.ts'
import { compileOnce, rawQuery } from '../hot.ts'
import type { Db } from '../schema.ts'
import { byKey } from '../../core/by-key.ts'

const hourMs = 3_600_000

/** Counts on which nodes and in which hours it happened. */
export async function countWhere(
  db: Db,
  groupId: ErrorId,
  occurrences: readonly { node: string; at: EpochMs }[],
): Promise<void> {
  for (const [node, there] of byKey(occurrences, (each) => each.node)) {
    await countNode(db, { groupId, node, count: there.length, at: there.at(-1)!.at })
  }
  for (const [hour, then] of byKey(occurrences, ({ at }) => at - (at % hourMs))) {
    await countHour(db, { groupId, hour, count: then.length })
  }
}

/** Nodes beyond the limit are counted together, under a name that no node can have. */
export const otherNodes = '(others)'

async function countNode(db: Db, p: { groupId: ErrorId; node: string; count: number; at: EpochMs }) {
  const [known] = await raiseNode(db, p)
  if (known) return
  const [nodes] = await countNodes(db, { groupId: p.groupId })
  const node = (nodes?.count ?? 0) < errorLimits.nodesPerGroup ? p.node : otherNodes
  await insertNode(db, { ...p, node })
}

const raiseNode = compileOnce((db, p: { groupId: ErrorId; node: string; count: number; at: EpochMs }) =>
  db
    .updateTable('error_nodes')
    .set({ count: sql<number>`count + ${p.count}`, last_seen_at: p.at })
    .where('group_id', '=', p.groupId)
    .where('node', '=', p.node)
    .returning('node'),
)

const countNodes = compileOnce((db, p: { groupId: ErrorId }) =>
  rawQuery<{ count: number }>(
    db,
    sql`select count(*) as count from error_nodes where group_id = ${p.groupId}`,
  ),
)

const insertNode = compileOnce((db, p: { groupId: ErrorId; node: string; count: number; at: EpochMs }) =>
  db
    .insertInto('error_nodes')
    .values({ group_id: p.groupId, node: p.node, count: p.count, first_seen_at: p.at, last_seen_at: p.at })
    .onConflict((conflict) =>
      conflict.columns(['group_id', 'node']).doUpdateSet({
        count: sql<number>`error_nodes.count + excluded.count`,
        last_seen_at: sql<number>`excluded.last_seen_at`,
      }),
    ),
)

const countHour = compileOnce((db, p: { groupId: ErrorId; hour: EpochMs; count: number }) =>
  db
    .insertInto('error_hours')
    .values({ group_id: p.groupId, hour: p.hour, count: p.count })
    .onConflict((conflict) =>
      conflict
        .columns(['group_id', 'hour'])
        .doUpdateSet({ count: sql<number>`error_hours.count + excluded.count` }),
    ),
)
