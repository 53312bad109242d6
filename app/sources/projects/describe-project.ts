import { basename } from 'node:path'
import { treeFiles } from '../scan/tree-files.ts'
import { gitFacts, type GitFacts } from './git-facts.ts'
import { languagesOf, type LanguageShare } from './languages.ts'
import { readProjectFiles, type AgentFile, type ProjectFiles } from './project-files.ts'

/** What a folder is, as far as a look tells. */
export interface FoundProject {
  /** Its real path. */
  path: string
  name: string
  description: string
  git: GitFacts | null
  languages: LanguageShare[]
  /** null: there were too many, or it took too long. */
  files: number | null
  agentFiles: AgentFile[]
}

/** Longer than this, nobody waits to hear in which language it is written. */
const listWithinMs = 10_000

/** `path`: real. What can't be told is left out; nothing of it is thrown. */
export async function describeProject(
  path: string,
): Promise<FoundProject & Pick<ProjectFiles, 'said' | 'context'>> {
  const [git, names] = await Promise.all([gitFacts(path), fileNames(path)])
  const { files: agentFiles, said, context } = readProjectFiles(path)
  return {
    path,
    name: said?.name ?? basename(path),
    description: said?.description ?? '',
    git,
    languages: languagesOf(names ?? []),
    files: names?.length ?? null,
    agentFiles,
    said,
    context,
  }
}

async function fileNames(path: string): Promise<string[] | null> {
  try {
    return (await treeFiles(path, AbortSignal.timeout(listWithinMs))).files
  } catch {
    return null // as it says: not known
  }
}
