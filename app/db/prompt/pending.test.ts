import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { databases } from '../../testing/databases.ts'
import { firstIds } from './buckets.ts'
import { isPendingInOrder } from './pending.ts'

const [sqlite] = databases

test('the head of the queue is read along its index, whatever else waits', async () => {
  await using store = await sqlite!.open()
  const { kysely } = store.database

  const plan = await kysely
    .selectFrom('prompts')
    .select('id')
    .where(isPendingInOrder(kysely))
    .orderBy('sort_key')
    .orderBy('id')
    .limit(100)
    .explain<{ detail: string }>(undefined, sql`query plan`)

  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^SCAN prompts USING (COVERING )?INDEX prompts_queue$/),
  ])
  expect(await firstIds(kysely, ['pending'], 100)).toEqual([])
})
