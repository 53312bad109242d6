import type { Project } from '../../core/project.ts'
import { projectAt } from '../../db/project/read.ts'
import type { Db } from '../../db/schema.ts'
import { getCodeFolders } from '../../db/settings.ts'
import { describeProject, type FoundProject } from './describe-project.ts'
import { findProjects, type LookedInto } from './find-projects.ts'

export interface ScannedSources {
  folders: LookedInto[]
  found: (FoundProject & { project: Project | null })[]
  /** There are more than a list holds. */
  isCut: boolean
}

/** So many folders are described at the same time: each costs three processes of git. */
const atOnce = 4

/** The projects in the code folders, by path, and which of them are imported. */
export async function scanSources(db: Db): Promise<ScannedSources> {
  const { folders } = await getCodeFolders(db)
  const { paths, folders: looked, isCut } = await findProjects(folders)
  const found: ScannedSources['found'] = []
  for (let from = 0; from < paths.length; from += atOnce) {
    const some = paths.slice(from, from + atOnce)
    found.push(...(await Promise.all(some.map((path) => describe(db, path)))))
  }
  return { folders: looked, found, isCut }
}

async function describe(db: Db, path: string) {
  const [{ said: _said, context: _context, ...found }, project] = await Promise.all([
    describeProject(path),
    projectAt(db, path),
  ])
  return { ...found, project }
}
