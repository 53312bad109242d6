import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { maskText } from '../core/masking.ts'
import { writeWhole } from './prepare.ts'

/** Masks what a file holds, where it holds any value of the vault. What is no file, or gone, stays as it is. */
export async function maskFile(path: string): Promise<void> {
  const text = await readPlainFile(path)
  if (text === null) return
  const masked = maskText(text)
  if (masked !== text) await writeWhole(path, masked)
}

/** A pipe or a link that somebody put there is not waited for or followed. */
async function readPlainFile(path: string): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    return (await file.stat()).isFile() ? await file.readFile('utf8') : null
  } catch (error) {
    if (notRead.has((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

const notRead = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'EACCES', 'EPERM'])
