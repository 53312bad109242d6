import type { WorkItem } from '../core/work.ts'
import { fromNullableJson } from '../db/columns.ts'
import type { Db } from '../db/schema.ts'
import { linksOfWork } from '../db/work/links.ts'

/** A file that belongs to a feature, by its path from the project's folder on. */
export interface FeatureFile {
  path: string
  /** Who says so: the feature itself, or prompts whose sessions changed it. */
  named: boolean
  promptIds: number[]
}

/** More than these are no list to look at. */
const mostFiles = 1_000

/**
 * The files that a feature names in its metadata (`files: ["src/app.ts"]`), and those that sessions changed while
 * they worked on its prompts. By path.
 */
export async function filesOfFeature(db: Db, item: WorkItem): Promise<FeatureFile[]> {
  const files = new Map<string, FeatureFile>()
  const fileAt = (path: string) => {
    const known = files.get(path) ?? { path, named: false, promptIds: [] }
    files.set(path, known)
    return known
  }
  for (const path of namedIn(item.metadata)) fileAt(path).named = true
  for (const { promptId, path } of await changedBy(db, await promptsOf(db, item))) {
    const { promptIds } = fileAt(path)
    if (!promptIds.includes(promptId)) promptIds.push(promptId)
  }
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, mostFiles)
}

function namedIn({ files }: Record<string, unknown>): string[] {
  return Array.isArray(files) ? files.filter((path): path is string => typeof path === 'string') : []
}

async function promptsOf(db: Db, item: WorkItem): Promise<number[]> {
  const links = await linksOfWork(db, item.id)
  const linked = links.filter(({ kind }) => kind === 'prompt').map(({ ref }) => Number(ref))
  return [...new Set([...linked, ...(item.promptId === null ? [] : [item.promptId])])]
}

async function changedBy(db: Db, promptIds: number[]): Promise<{ promptId: number; path: string }[]> {
  if (promptIds.length === 0) return []
  const rows = await db
    .selectFrom('attempts')
    .select(['prompt_id', 'changes'])
    .where('prompt_id', 'in', promptIds)
    .where('changes', 'is not', null)
    .orderBy('id')
    .execute()
  return rows.flatMap(({ prompt_id: promptId, changes }) =>
    (fromNullableJson(changes)?.files ?? []).map((path) => ({ promptId, path })),
  )
}
