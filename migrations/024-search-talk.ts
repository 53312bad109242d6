import type { Kysely } from 'kysely'
import { indexSource, type Source } from './023-search.ts'

/** Milestones, and what people say about work, are found as well. */
export async function searchTalk(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  if (dialect === 'postgres') return
  for (const source of sources) await indexSource(db, source)
}

const sources: readonly Source[] = [
  {
    table: 'milestones',
    code: 5,
    title: 'r.name',
    body: 'r.description',
    columns: 'name, description',
  },
  { table: 'work_comments', code: 6, title: `''`, body: 'r.body', columns: 'body' },
]
