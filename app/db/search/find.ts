import { sql, type RawBuilder } from 'kysely'
import { dialectOf } from '../dialect.ts'
import { likeWords } from '../like-words.ts'
import type { Db } from '../schema.ts'
import { searchKinds, searchWords, type SearchHit, type SearchKind } from './kinds.ts'

/**
 * What has all of these words, each at the beginning of one of its own: the best fitting first on SQLite, the newest
 * of each kind on PostgreSQL.
 */
export async function findEverywhere(
  db: Db,
  text: string,
  { limit, kinds }: { limit: number; kinds?: readonly SearchKind[] },
): Promise<SearchHit[]> {
  const words = searchWords(text)
  if (words.length === 0) return []
  const asked = kinds ?? (Object.keys(searchKinds) as SearchKind[])
  return dialectOf(db) === 'sqlite' ? inIndex(db, words, asked, limit) : inTables(db, words, asked, limit)
}

/** A title counts ten times as much as a text. */
async function inIndex(db: Db, words: readonly string[], kinds: readonly SearchKind[], limit: number) {
  // Only letters and digits are in a word, so the quotes hold it.
  const query = words.map((word) => `"${word}"*`).join(' ')
  const codes = kinds.map((kind) => searchKinds[kind])
  const { rows } = await sql<{ number: number }>`
    select rowid as number from search_index
    where search_index match ${query} and rowid % 8 in (${sql.join(codes)})
    order by bm25(search_index, 10.0, 1.0), rowid desc limit ${limit}`.execute(db)
  return rows.map(({ number }): SearchHit => ({ kind: kindOf(number % 8), id: Math.floor(number / 8) }))
}

function kindOf(code: number): SearchKind {
  const found = Object.entries(searchKinds).find(([, each]) => each === code)
  if (!found) throw new Error(`the search index has a row of kind ${code}`)
  return found[0] as SearchKind
}

const texts: Record<SearchKind, { from: RawBuilder<unknown>; text: RawBuilder<unknown> }> = {
  work: {
    from: sql`work_items r join projects p on p.id = r.project_id`,
    text: sql`p.key || '-' || r.number || ' ' || r.title || ' ' || r.description`,
  },
  project: { from: sql`projects r`, text: sql`r.key || ' ' || r.name || ' ' || r.description` },
  error: { from: sql`error_groups r`, text: sql`r.error_type || ' ' || r.message || ' ' || r.source` },
  prompt: { from: sql`prompts r`, text: sql`r.content` },
  milestone: { from: sql`milestones r`, text: sql`r.name || ' ' || r.description` },
  comment: { from: sql`work_comments r`, text: sql`r.body` },
}

async function inTables(db: Db, words: readonly string[], kinds: readonly SearchKind[], limit: number) {
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const { from, text } = texts[kind]
      const all = sql.join(likeWords(text, words.join(' ')), sql` and `)
      const { rows } = await sql<{ id: number }>`
        select r.id from ${from} where ${all} order by r.id desc limit ${limit}`.execute(db)
      return rows.map(({ id }): SearchHit => ({ kind, id }))
    }),
  )
  return found.flat().slice(0, limit)
}
