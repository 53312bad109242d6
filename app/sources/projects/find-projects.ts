import { readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, parse } from 'node:path'
import { agentFileNames } from './project-files.ts'

/** A folder that the settings name, and whether it could be looked into. */
export interface LookedInto {
  /** As it was given. */
  folder: string
  /** Where it really is; null: it could not be opened. */
  root: string | null
  reason: string | null
  found: number
}

/** What marks a folder as a project, beside a repository and agents' files. */
const manifests = [
  'package.json',
  'pyproject.toml',
  'setup.py',
  'requirements.txt',
  'Cargo.toml',
  'go.mod',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'composer.json',
  'Gemfile',
  'CMakeLists.txt',
  'Makefile',
  'deno.json',
  'mix.exs',
]
const marks = new Set(['.git', ...manifests, ...agentFileNames])
const uninteresting = new Set(['node_modules', 'venv', '__pycache__'])

const mostDeep = 3
const mostProjects = 500
const mostFolders = 5_000

/**
 * Real paths of the projects below folders: a folder with a mark is one, and not looked into any further; one
 * without is a group, whose folders are looked into, three deep. Links are not followed.
 */
export async function findProjects(
  folders: readonly string[],
): Promise<{ paths: string[]; folders: LookedInto[]; isCut: boolean }> {
  const search = { paths: new Set<string>(), looked: 0, isCut: false }
  const into: LookedInto[] = []
  for (const folder of folders) {
    const before = search.paths.size
    const { root, reason } = await placeOf(folder)
    if (root !== null) await lookInto(root, 0, search)
    into.push({ folder, root, reason, found: search.paths.size - before })
  }
  return { paths: [...search.paths].sort(), folders: into, isCut: search.isCut }
}

/** Where a folder of the settings is; with `~` for the home of who runs Architect. */
export async function placeOf(folder: string): Promise<{ root: string | null; reason: string | null }> {
  const path = folder === '~' || folder.startsWith('~/') ? join(homedir(), folder.slice(1)) : folder
  try {
    const root = await realpath(path)
    await readdir(root)
    return root === parse(root).root
      ? { root: null, reason: 'that is the whole machine' }
      : { root, reason: null }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = {
      ENOENT: 'there is no such folder',
      ENOTDIR: 'it is no folder',
      EACCES: 'permission denied',
    }
    return { root: null, reason: reason[code as keyof typeof reason] ?? code ?? 'it cannot be opened' }
  }
}

interface Search {
  paths: Set<string>
  looked: number
  isCut: boolean
}

async function lookInto(folder: string, depth: number, search: Search): Promise<void> {
  search.isCut ||= search.paths.size >= mostProjects || search.looked >= mostFolders
  if (search.isCut) return
  search.looked += 1
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []) // closed to us: nothing to import
  if (depth > 0 && entries.some((entry) => marks.has(entry.name) && !entry.isSymbolicLink())) {
    search.paths.add(folder)
    return
  }
  if (depth === mostDeep) return
  const below = entries.filter(
    (e) => e.isDirectory() && !e.name.startsWith('.') && !uninteresting.has(e.name),
  )
  for (const { name } of below.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    await lookInto(join(folder, name), depth + 1, search)
  }
}
