import { sql } from 'kysely'
import { AppError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Node, NodeId, NodeState } from '../../core/node.ts'
import type { Db } from '../schema.ts'
import { toNode } from './row.ts'

export interface NodeFilter {
  states?: readonly NodeState[]
  tag?: string
  /** In the name, an address, the model or a tag. */
  text?: string
}

/** By name. */
export async function listNodes(
  db: Db,
  filter: NodeFilter = {},
  page?: { limit: number; offset: number },
): Promise<Node[]> {
  let query = filtered(db, filter).selectAll().orderBy('name_key')
  if (page) query = query.limit(page.limit).offset(page.offset)
  return (await query.execute()).map(toNode)
}

export async function countNodes(db: Db, filter: NodeFilter = {}): Promise<number> {
  const row = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

/** How many are in each state; states without any are left out. */
export async function countNodeStates(db: Db): Promise<Partial<Record<NodeState, number>>> {
  const rows = await db
    .selectFrom('nodes')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

/** By its number or its name, whatever the case of its letters; null: there is none. */
export async function findNode(db: Db, idOrName: NodeId | string): Promise<Node | null> {
  const query = db.selectFrom('nodes').selectAll()
  const row = await (
    typeof idOrName === 'number'
      ? query.where('id', '=', idOrName)
      : query.where('name_key', '=', idOrName.toLowerCase())
  ).executeTakeFirst()
  return row ? toNode(row) : null
}

/** Throws `not_found` with the nearest name that there is. */
export async function getNode(db: Db, idOrName: NodeId | string): Promise<Node> {
  const node = await findNode(db, idOrName)
  if (node) return node
  if (typeof idOrName === 'number') throw new AppError('not_found', `There is no node ${idOrName}.`)
  const rows = await db.selectFrom('nodes').select('name').orderBy('name_key').limit(1000).execute()
  const names = rows.map(({ name }) => name)
  throw new AppError('not_found', `There is no node "${idOrName}". ${nearest(idOrName, names)}`.trim())
}

/** What a person writes for a node: `7`, or its name. A name of digits alone is found by itself first. */
export async function getNodeByWord(db: Db, word: string): Promise<Node> {
  const named = await findNode(db, word)
  if (named) return named
  return getNode(db, /^\d{1,15}$/.test(word) ? Number(word) : word)
}

function filtered(db: Db, { states, tag, text }: NodeFilter) {
  let query = db.selectFrom('nodes')
  if (states) query = query.where('state', 'in', states)
  if (tag !== undefined) query = query.where(sql<boolean>`tags like ${`%${escaped(JSON.stringify(tag))}%`}`)
  if (text) {
    const like = `%${escaped(text.toLowerCase())}%`
    query = query.where((eb) =>
      eb.or([
        eb('name_key', 'like', like),
        sql<boolean>`lower(facts) like ${like}`,
        sql<boolean>`lower(tags) like ${like}`,
      ]),
    )
  }
  return query
}

/** The two signs that mean something in `like` are left out: names and tags hold none but `_`, which fits itself. */
function escaped(text: string): string {
  return text.replaceAll('%', '').replaceAll('\\', '')
}
