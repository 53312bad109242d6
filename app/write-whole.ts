import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/**
 * Writes a file so that whoever reads it finds the old one or the new one, never a part. Unless told, it is for its
 * owner alone.
 */
export async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  try {
    await writeFile(part, text, { mode })
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
}
