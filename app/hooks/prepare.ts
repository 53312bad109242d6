import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../core/paths.ts'
import { hookPaths, type HookPaths } from './paths.ts'

/** Makes the folder of the hooks, readable by its owner only, with the program of this release in it. */
export async function prepareHookFolder(dataDir: string): Promise<HookPaths> {
  const paths = hookPaths(dataDir)
  for (const folder of [paths.folder, paths.incoming, paths.decisions, paths.unread, paths.records]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
  }
  const fresh = `${paths.program}.${process.pid}`
  await copyFile(join(packageRoot, 'app/hooks/hook.sh'), fresh)
  await chmod(fresh, 0o700)
  await rename(fresh, paths.program)
  return paths
}

/** Writes a whole file or none. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  try {
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
