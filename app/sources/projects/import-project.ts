import { AppError } from '../../core/errors.ts'
import type { Project } from '../../core/project.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { Database } from '../../db/open.ts'
import { findProject } from '../../db/project/read.ts'
import { createProject } from '../../db/project/write.ts'
import { getCodeFolders } from '../../db/settings.ts'
import { realRootPath } from '../../work/root-path.ts'
import { describeProject } from './describe-project.ts'
import { placeOf } from './find-projects.ts'

export interface WantedImport {
  path: string
  /** What people say goes before what the folder says. */
  name?: string | undefined
  key?: string | undefined
  description?: string | undefined
}

/**
 * Makes a project of a folder below one of the code folders. Throws `invalid` for a folder elsewhere, and `conflict`
 * with the project when there is one of that folder, however many import it at the same time.
 */
export async function importProject(
  database: Database,
  { path, ...said }: WantedImport,
  by: string,
  now: EpochMs,
): Promise<Project> {
  const root = await realRootPath(path)
  await refuseElsewhere(database, root)
  const found = await describeProject(root)
  const name = said.name ?? found.name
  const description = said.description ?? (found.description || found.context)
  const words = {
    name,
    description,
    rootPath: root,
    repositoryUrl: repositoryOf(found),
    metadata: metadataOf(found),
  }
  return database.write(async (db) => {
    // Its own word on the key counts only while nobody else has that key.
    const suggested = found.said?.key
    const free =
      suggested !== undefined && (await findProject(db, suggested)) === null ? suggested : undefined
    return createProject(db, { ...words, key: said.key ?? free }, by, now)
  })
}

async function refuseElsewhere(database: Database, root: string): Promise<void> {
  const { folders } = await getCodeFolders(database.kysely)
  const places = await Promise.all(folders.map(placeOf))
  if (places.some((place) => place.root !== null && root.startsWith(`${place.root}/`))) return
  const names = folders.join(', ') || 'none'
  throw new AppError(
    'invalid',
    `${root} is in no code folder (${names}). Add its folder to the code folders, or make the project by hand.`,
  )
}

type Found = Awaited<ReturnType<typeof describeProject>>

function repositoryOf({ git, said }: Found): string | null {
  return git?.remote ?? said?.repository ?? null
}

function metadataOf({ languages, agentFiles, git }: Found): Record<string, unknown> {
  return {
    languages: languages.map(({ language }) => language),
    agent_files: agentFiles.filter(({ problem }) => problem === null).map(({ name }) => name),
    ...(git?.branch && { branch: git.branch }),
  }
}
