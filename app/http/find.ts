import { errorGlyph } from '../core/reported-error.ts'
import { projectGlyph } from '../core/project.ts'
import { workGlyph } from '../core/work.ts'
import { listPromptSummaries } from '../db/prompt/summary.ts'
import { toProject } from '../db/project/row.ts'
import type { Db } from '../db/schema.ts'
import { findEverywhere } from '../db/search/find.ts'
import type { SearchHit, SearchKind } from '../db/search/kinds.ts'
import { workByIds } from '../db/work/read.ts'
import { findDocuments } from './documents.ts'
import { headline, named, promptGlyph } from './words.ts'

export const foundKinds = ['work', 'comment', 'milestone', 'project', 'error', 'prompt', 'document'] as const

/** Something that was looked for, as one line that leads there. */
export interface Found {
  kind: (typeof foundKinds)[number]
  /** Its number, or the name of a document. */
  id: string
  title: string
  path: string
  state: string
}

/** Whatever people wrote that has all of these words, the best fitting first; then documents. */
export async function findAll(
  db: Db,
  text: string,
  { limit, kinds = foundKinds }: { limit: number; kinds?: readonly Found['kind'][] },
): Promise<Found[]> {
  if (text.trim() === '') return []
  const stored = kinds.filter((kind) => kind !== 'document')
  const [hits, documents] = await Promise.all([
    stored.length === 0 ? [] : findEverywhere(db, text, { limit, kinds: stored }),
    kinds.includes('document') ? findDocuments(text) : [],
  ])
  const shown = await shownHits(db, hits)
  const pages = documents.map(({ name, title }): Found => {
    return { kind: 'document', id: name, title, path: `/documentation/${name}`, state: 'documentation' }
  })
  return [...shown, ...pages].slice(0, limit)
}

/** In the order of the hits; what is gone meanwhile is left out. */
async function shownHits(db: Db, hits: readonly SearchHit[]): Promise<Found[]> {
  const kinds = Object.keys(shownByKind) as SearchKind[]
  const all = await Promise.all(
    kinds.map(async (kind) => {
      const ids = hits.filter((hit) => hit.kind === kind).map(({ id }) => id)
      return ids.length === 0 ? [] : await shownByKind[kind](db, ids)
    }),
  )
  const byName = new Map(all.flat().map((found) => [`${found.kind} ${found.id}`, found]))
  return hits.flatMap(({ kind, id }) => byName.get(`${kind} ${id}`) ?? [])
}

type Show = (db: Db, ids: readonly number[]) => Promise<Found[]>

const shownByKind: Record<SearchKind, Show> = {
  async work(db, ids) {
    return (await workByIds(db, ids)).map(({ id, key, title, status }) => ({
      kind: 'work',
      id: String(id),
      title: `${workGlyph[status]} ${key} ${title}`,
      path: `/work/${id}`,
      state: status.replace('_', ' '),
    }))
  },
  async project(db, ids) {
    const rows = await db
      .selectFrom('projects')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute()
    return rows.map(toProject).map(({ id, key, name, status }) => ({
      kind: 'project',
      id: String(id),
      title: `${projectGlyph[status]} ${key} ${name}`,
      path: `/projects/${id}`,
      state: `${status} project`,
    }))
  },
  async error(db, ids) {
    const rows = await db
      .selectFrom('error_groups')
      .select(['id', 'error_type', 'message', 'state'])
      .where('id', 'in', [...ids])
      .execute()
    return rows.map(({ id, error_type, message, state }) => ({
      kind: 'error',
      id: String(id),
      title: `${errorGlyph[state]} ${error_type} ${headline(message)}`,
      path: `/errors/${id}`,
      state: `${state} error`,
    }))
  },
  async prompt(db, ids) {
    const prompts = await listPromptSummaries(db, { ids: [...ids], limit: ids.length })
    return prompts.map(({ id, state, beginning }) => ({
      kind: 'prompt',
      id: String(id),
      title: `${promptGlyph(state)} #${id} ${headline(beginning)}`,
      path: `/prompts/${id}`,
      state: named(state),
    }))
  },
  async milestone(db, ids) {
    const rows = await db
      .selectFrom('milestones as m')
      .innerJoin('projects as p', 'p.id', 'm.project_id')
      .select(['m.id', 'm.project_id', 'p.key', 'm.name', 'm.status'])
      .where('m.id', 'in', [...ids])
      .execute()
    return rows.map(({ id, project_id, key, name, status }) => ({
      kind: 'milestone',
      id: String(id),
      title: `◇ ${key} ${name}`,
      path: `/work?project=${project_id}&milestone=${id}&view=all`,
      state: `${status} milestone`,
    }))
  },
  async comment(db, ids) {
    const rows = await db
      .selectFrom('work_comments')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute()
    const items = await workByIds(db, [...new Set(rows.map(({ item_id }) => item_id))])
    const keys = new Map(items.map(({ id, key }) => [id, key]))
    return rows.map(({ id, item_id, author, body }) => ({
      kind: 'comment',
      id: String(id),
      title: `“ ${keys.get(item_id) ?? ''} ${headline(body)}`,
      path: `/work/${item_id}#comment-${id}`,
      state: `said by ${author}`,
    }))
  },
}
