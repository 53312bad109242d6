import type { Database as SqliteHandle } from 'better-sqlite3'
import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs } from '../../core/clock.ts'
import { makePrivateFile, makePrivateFolder } from '../../core/private-files.ts'

/** Backups of earlier schemas that are kept: the space of an SD card is small, a second chance is enough. */
const keptBackups = 5

export function backupDir(dataDir: string): string {
  return join(dataDir, 'backups')
}

/**
 * Copies the whole database to `<dataDir>/backups/architect-<schema>-<time>.db`, on disk when this returns,
 * and removes the oldest backups beyond the last five. Returns the path. Other processes may go on writing.
 */
export function backUp(handle: SqliteHandle, dataDir: string, schema: string, now: EpochMs): string {
  const folder = backupDir(dataDir)
  makePrivateFolder(folder)
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const file = join(folder, `architect-${schema}-${time}-${process.pid}.db`)
  rmSync(file, { force: true })
  makePrivateFile(file) // an empty file is filled
  handle.prepare('vacuum into ?').run(file)
  flushFile(file)
  removeOldest(folder)
  return file
}

function flushFile(file: string) {
  const descriptor = openSync(file, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function removeOldest(folder: string) {
  const backups = readdirSync(folder).filter((name) => /^architect-.*\.db$/.test(name))
  const byTime = backups.sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
  for (const name of byTime.slice(0, -keptBackups)) rmSync(join(folder, name), { force: true })
}

function timeOf(name: string): string {
  return /-(\d{8}-\d{6})-/.exec(name)?.[1] ?? ''
}
