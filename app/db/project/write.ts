import type { EpochMs } from '../../core/clock.ts'
import { AppError, OutdatedError, StaleError } from '../../core/errors.ts'
import {
  keysForName,
  projectEvents,
  projectLimits,
  type Project,
  type ProjectEvent,
  type ProjectId,
  type ProjectStatus,
} from '../../core/project.ts'
import { changedFields } from '../changed-fields.ts'
import { toJson } from '../columns.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { projectAt } from './read.ts'
import { toProject } from './row.ts'

export interface ProjectWords {
  name: string
  description: string
  /** A real path, see `app/work/root-path.ts`. */
  rootPath: string | null
  repositoryUrl: string | null
  metadata: Record<string, unknown>
}

/** Without a key it gets one that its name suggests. Throws `conflict` when key or folder are another project's. */
export async function createProject(
  db: Db,
  words: ProjectWords & { key?: string | undefined },
  by: string,
  now: EpochMs,
): Promise<Project> {
  await refuseTooMany(db)
  for (const key of words.key === undefined ? keysForName(words.name) : [words.key]) {
    const project = await insertProject(db, { ...words, key }, by, now)
    if (!project) {
      await refuseTakenFolder(db, words.rootPath)
      continue
    }
    const data = { name: project.name, key, rootPath: project.rootPath }
    appendEvent(db, { at: now, noun: 'project', nounId: String(project.id), type: 'create', data })
    return project
  }
  throw new AppError('conflict', `There is a project ${words.key} already. Take another key.`)
}

/** What is undefined stays. */
export type ProjectChanges = {
  [Field in keyof ProjectWords | 'status']?: Project[Field] | undefined
}

/**
 * Changes what is named and leaves the rest. Throws `not_found`; `conflict` when its status does not lead there, or
 * the folder is another project's; `OutdatedError` when it is no longer of this version.
 */
export async function changeProject(
  db: Db,
  id: ProjectId,
  changes: ProjectChanges,
  { now, version }: { now: EpochMs; version?: number | undefined },
): Promise<Project> {
  const before = await lockProject(db, id)
  if (version !== undefined && version !== before.version) {
    throw new OutdatedError(
      `${before.key} was changed meanwhile: it is of version ${before.version}, not ${version}.`,
      before,
    )
  }
  const wanted = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const after: Project = { ...before, ...wanted }
  const fields = changedFields(before, after)
  if (Object.keys(fields).length === 0) return before
  const type = after.status === before.status ? 'edit' : eventTo(before, after.status)
  if (after.rootPath !== before.rootPath) await refuseTakenFolder(db, after.rootPath)
  const row = await db
    .updateTable('projects')
    .set({ ...columnsOf(after), status: after.status, updated_at: now })
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { name: after.name, key: after.key, changes: fields }
  appendEvent(db, { at: now, noun: 'project', nounId: String(id), type, data })
  return toProject(row)
}

/** On SQLite the write that this is part of is alone anyway. */
async function lockProject(db: Db, id: ProjectId): Promise<Project> {
  const query = db.selectFrom('projects').selectAll().where('id', '=', id)
  const row = await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  if (row) return toProject(row)
  throw new AppError('not_found', `There is no project ${id}. See which there are: projects list.`)
}

function eventTo({ key, status }: Project, wanted: ProjectStatus): ProjectEvent {
  const entries = Object.entries(projectEvents) as [
    ProjectEvent,
    { from: readonly ProjectStatus[]; to: string },
  ][]
  const found = entries.find(([, { from, to }]) => to === wanted && from.includes(status))
  if (found) return found[0]
  throw new AppError(
    'conflict',
    `${key} is ${status}; from there it can't become ${wanted}. Make it active first.`,
  )
}

async function insertProject(db: Db, words: ProjectWords & { key: string }, by: string, now: EpochMs) {
  const row = await db
    .insertInto('projects')
    .values({
      ...columnsOf(words),
      key: words.key,
      status: 'active',
      created_at: now,
      created_by: by,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toProject(row) : null
}

async function refuseTakenFolder(db: Db, rootPath: string | null) {
  const other = rootPath === null ? null : await projectAt(db, rootPath)
  if (!other) return
  const hint = other.status === 'archived' ? ' It is archived; make it active again.' : ''
  throw new StaleError(`${rootPath} is the folder of ${other.key} (${other.name}) already.${hint}`, other)
}

async function refuseTooMany(db: Db) {
  const { count } = await db
    .selectFrom('projects')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count < projectLimits.projects) return
  throw new AppError('conflict', `There are ${count} projects, which is the limit.`)
}

function columnsOf({ name, description, rootPath, repositoryUrl, metadata }: ProjectWords) {
  return {
    name,
    description,
    root_path: rootPath,
    repository_url: repositoryUrl,
    metadata: toJson(metadata),
  }
}
