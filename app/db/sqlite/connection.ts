import Sqlite, { type Database as SqliteHandle } from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makePrivateFile, makePrivateFolder } from '../../core/private-files.ts'

/** The log file shrinks to this after a checkpoint, in bytes. */
const journalLimitBytes = 32 * 1024 * 1024
/**
 * The log is brought into the file after so many pages (16 MB). In a flood the same pages change with each commit, and
 * SQLite's own 1,000 would be full after every fourth of them, with two more waits for the disk each time.
 */
const checkpointPages = 4_000
/** Pages that a connection keeps, in KiB; better-sqlite3's own 16 MB for each would be a quarter of the assigner. */
const cacheKib = 4_000

export function sqliteFile(dataDir: string): string {
  return join(dataDir, 'architect.db')
}

/**
 * The one connection of this process that writes. It never waits for the lock inside SQLite, which would
 * stop the whole process; `GroupCommit` waits for it without blocking.
 */
export function openWriter(dataDir: string): SqliteHandle {
  makePrivateFolder(dataDir)
  keepFilesPrivate(sqliteFile(dataDir))
  const handle = new Sqlite(sqliteFile(dataDir), { timeout: firstOpenMs })
  handle.pragma('journal_mode = WAL')
  handle.pragma('synchronous = FULL')
  handle.pragma('foreign_keys = ON')
  handle.pragma(`journal_size_limit = ${journalLimitBytes}`)
  handle.pragma(`wal_autocheckpoint = ${checkpointPages}`)
  handle.pragma('busy_timeout = 0')
  handle.pragma(`cache_size = -${cacheKib}`)
  return handle
}

/** SQLite gives the files beside a database that file's mode; those of an earlier version may be there already. */
function keepFilesPrivate(path: string) {
  makePrivateFile(path)
  for (const beside of [`${path}-wal`, `${path}-shm`]) if (existsSync(beside)) makePrivateFile(beside)
}

/** A connection that only reads; readers of a WAL wait for nobody but a checkpoint's last moment. */
export function openReader(dataDir: string): SqliteHandle {
  const handle = new Sqlite(sqliteFile(dataDir), { fileMustExist: true, timeout: firstOpenMs })
  handle.pragma('query_only = ON')
  handle.pragma(`cache_size = -${cacheKib}`)
  return handle
}

/** Turning WAL on, or its recovery after a crash, excludes everybody for a moment. */
const firstOpenMs = 5_000
