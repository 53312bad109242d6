import { readdir } from 'node:fs/promises'
import { isClosed, namesOf } from './names.ts'
import { openFolderAt, type Ground } from './place.ts'

export interface FolderEntry {
  name: string
  isFolder: boolean
}

/** More than these are no list to look at. */
const mostEntries = 1_000

/**
 * What can be opened in a folder of a project, by its path from the project's folder on ('' is that itself): folders
 * first, by name; no links, no keys. Throws as `readProjectFile` does.
 */
export async function listProjectFolder(
  ground: Ground,
  path: string,
): Promise<{ entries: FolderEntry[]; left: number }> {
  await using folder = await openFolderAt(ground, path === '' ? [] : namesOf(path), '')
  const found = await readdir(`/proc/self/fd/${folder.handle.fd}`, { withFileTypes: true })
  await folder.requireStill()
  const entries = found
    .filter((entry) => (entry.isFile() || entry.isDirectory()) && isShown(entry.name))
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1))
  return { entries: entries.slice(0, mostEntries), left: Math.max(0, entries.length - mostEntries) }
}

/** A name that is no UTF-8 can't be asked for. */
const isShown = (name: string) => !isClosed(name) && !name.includes('\ufffd')
