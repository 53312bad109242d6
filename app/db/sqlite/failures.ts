import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'

/** What went wrong at the database file, as a sentence for a person; anything unknown comes back as it is. */
export function describeSqliteFailure(error: unknown, dataDir: string): unknown {
  const code = codeOf(error)
  const file = join(dataDir, 'architect.db')
  const sentence = Object.entries(sentences).find(([prefix]) => code.startsWith(prefix))?.[1]
  return sentence ? new AppError('unavailable', sentence(file, dataDir), { cause: error }) : error
}

/** The connection for reading refuses changes: whoever tried has forgotten `Database.write`. */
export function describeReadFailure(error: unknown, describe: (error: unknown) => unknown): unknown {
  if (!codeOf(error).startsWith('SQLITE_READONLY')) return describe(error)
  return new Error('A change was made outside of Database.write.', { cause: error })
}

export function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** By the beginning of SQLite's or the system's code: `SQLITE_IOERR_WRITE` is an `SQLITE_IOERR`. */
const sentences: Record<string, (file: string, dataDir: string) => string> = {
  SQLITE_BUSY: (file) =>
    `The database ${file} is busy: another program holds it. Nothing was changed; try again, or end the program that holds it.`,
  SQLITE_LOCKED: (file) =>
    `The database ${file} is locked by another program. Nothing was changed; try again.`,
  SQLITE_FULL: (file) =>
    `The disk is full: ${file} cannot be written. Nothing was changed; free some space, then try again.`,
  ENOSPC: (file) =>
    `The disk is full: ${file} cannot be written. Nothing was changed; free some space, then try again.`,
  SQLITE_CORRUPT: damaged,
  SQLITE_NOTADB: damaged,
  SQLITE_READONLY: (file) =>
    `The database ${file} may not be written. Give this user the right to write the file and its folder, or choose another folder with ARCHITECT_DATA.`,
  EROFS: notAllowed,
  EACCES: notAllowed,
  EPERM: notAllowed,
  SQLITE_PERM: notAllowed,
  SQLITE_AUTH: notAllowed,
  SQLITE_CANTOPEN: notAllowed,
  ENOTDIR: notAllowed,
  EEXIST: notAllowed,
  SQLITE_IOERR: (file) =>
    `The disk under ${file} reports an error. Nothing was changed by this; check the disk (dmesg) and its free space, then start again.`,
}

function damaged(file: string, dataDir: string): string {
  return (
    `The database ${file} is damaged. Nothing was deleted. Stop every process of Architect, move the file and ` +
    `its -wal and -shm aside, and copy the newest file of ${join(dataDir, 'backups')} to its place.`
  )
}

function notAllowed(file: string): string {
  return (
    `The database ${file} cannot be opened. Make sure that its folder exists and that this user may ` +
    'read and write it, or choose another folder with ARCHITECT_DATA.'
  )
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}
