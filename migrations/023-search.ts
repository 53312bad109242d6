import { sql, type Kysely } from 'kysely'

/**
 * One full-text index over what people look for, kept by triggers in the same transaction as each write. It holds no
 * copy of the texts. PostgreSQL searches the tables themselves.
 *
 * A row's number is eight times the number of what it is of, plus the kind: see `app/db/search/kinds.ts`.
 */
export async function search(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  if (dialect === 'postgres') return
  await sql
    .raw(
      `create virtual table search_index using fts5(
         title, body, content = '', contentless_delete = 1,
         tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
    )
    .execute(db)
  for (const source of sources) await indexSource(db, source)
}

/** Takes all rows of a table into the index, and has triggers keep them there. */
export async function indexSource(db: Kysely<unknown>, source: Source): Promise<void> {
  await sql.raw(`insert into search_index (rowid, title, body) ${rowsOf(source)}`).execute(db)
  for (const trigger of triggersOf(source)) await sql.raw(trigger).execute(db)
}

export interface Source {
  table: string
  code: number
  /** Of a row that is called `r`. */
  title: string
  body: string
  /** Changes of these change what is found. */
  columns: string
}

/** Longer texts are found by their beginning. In characters. */
const bodyChars = 20_000

const sources: readonly Source[] = [
  {
    table: 'work_items',
    code: 1,
    title: `(select key from projects where id = r.project_id) || '-' || r.number || ' ' || r.title`,
    body: 'r.description',
    columns: 'title, description',
  },
  {
    table: 'projects',
    code: 2,
    title: `r.key || ' ' || r.name`,
    body: `r.description || ' ' || coalesce(r.root_path, '') || ' ' || coalesce(r.repository_url, '')`,
    columns: 'name, description, root_path, repository_url',
  },
  {
    table: 'error_groups',
    code: 3,
    title: 'r.error_type',
    body: `r.message || ' ' || r.source`,
    columns: 'error_type, message, source',
  },
  { table: 'prompts', code: 4, title: `''`, body: 'r.content', columns: 'content' },
]

function rowsOf({ table, code, title, body }: Source): string {
  return `select r.id * 8 + ${code}, ${title}, substr(${body}, 1, ${bodyChars}) from ${table} r`
}

function triggersOf(source: Source): string[] {
  const { table, code, columns } = source
  const remove = `delete from search_index where rowid = old.id * 8 + ${code};`
  const add = `insert into search_index (rowid, title, body) ${rowsOf(source)} where r.id = new.id;`
  const name = `search_${table}`
  return [
    `create trigger ${name}_added after insert on ${table} begin ${add} end`,
    `create trigger ${name}_changed after update of ${columns} on ${table} begin ${remove} ${add} end`,
    `create trigger ${name}_removed after delete on ${table} begin ${remove} end`,
  ]
}
