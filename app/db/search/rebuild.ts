import { sql } from 'kysely'
import { dialectOf } from '../dialect.ts'
import type { Db } from '../schema.ts'

/** Each of these makes its trigger write its row anew. */
const touched = [
  sql`update projects set name = name`,
  sql`update work_items set title = title`,
  sql`update error_groups set message = message`,
  sql`update prompts set content = content`,
  sql`update milestones set name = name`,
  sql`update work_comments set body = body`,
]

/** Makes the index of all there is anew, in one write. Returns its number of rows; 0 where there is no index. */
export async function rebuildSearch(db: Db): Promise<number> {
  if (dialectOf(db) !== 'sqlite') return 0
  await sql`insert into search_index (search_index) values ('delete-all')`.execute(db)
  for (const statement of touched) await statement.execute(db)
  const { rows } = await sql<{ count: number }>`select count(*) as count from search_index`.execute(db)
  return rows[0]!.count
}
