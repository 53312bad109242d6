import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { PromptId, PromptState, Review } from '../../core/prompt.ts'
import type { Db } from '../schema.ts'

/** A prompt of a tree, without its text. */
export interface TreeRow {
  id: PromptId
  parent: PromptId | null
  state: PromptState
  kind: string | null
  /** The first line, cut. */
  title: string
  sessionName: string | null
  review: Review | null
  attempts: number
  startedAt: EpochMs | null
  endedAt: EpochMs | null
}

/** A prompt and everything below it, by id; at most `limit`. */
export async function treeRows(db: Db, first: PromptId, limit: number): Promise<TreeRow[]> {
  const { rows } = await sql<TreeRow>`
    with recursive tree(id) as (
      select p.id from prompts p where p.id = ${first}
      union all select p.id from prompts p join tree on p.parent_id = tree.id
    )
    select p.id, p.parent_id as parent, p.state, p.kind, substr(p.content, 1, 200) as title,
      p.session_name as "sessionName", p.review, p.attempts, p.started_at as "startedAt",
      p.ended_at as "endedAt"
    from prompts p where p.id in (select id from tree) order by p.id limit ${limit}`.execute(db)
  return rows.map((row) => ({ ...row, title: row.title.split('\n')[0] ?? '' }))
}
