import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Writes a file, for its owner alone, so that whoever reads it finds the old one or the new one, never a part. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  try {
    await writeFile(part, text, { mode: 0o600 })
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
}
