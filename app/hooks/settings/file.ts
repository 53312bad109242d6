import { chmod, copyFile, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../core/errors.ts'

/** A settings file as it is now; `text` is null where there is none. */
export interface SettingsFile {
  /** Where it really lies, behind symbolic links. */
  path: string
  text: string | null
}

export async function openSettings(named: string): Promise<SettingsFile> {
  const path = await realpath(named).catch(async (error: unknown) => {
    if (!isMissing(error)) throw error
    return named
  })
  return { path, text: await readText(path) }
}

/** The file as it was before the last change of ours. */
export function backupOf(path: string): string {
  return `${path}.before-architect`
}

/**
 * Replaces the text at once or not at all, keeps mode and links, and leaves the old text beside it. Throws
 * `conflict` when somebody else changed the file since it was read.
 */
export async function replaceSettings({ path, text }: SettingsFile, changed: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const mode = text === null ? 0o600 : (await stat(path)).mode & 0o777
  const draft = join(dirname(path), `.architect-${process.pid}.new`)
  try {
    await writeFile(draft, changed, { mode })
    await chmod(draft, mode)
    if ((await readText(path)) !== text) {
      throw new AppError('conflict', `${path} was changed by somebody else at this moment. Try again.`)
    }
    if (text !== null) await copyFile(path, backupOf(path))
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
