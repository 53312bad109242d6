import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { openDatabase } from '../db/open.ts'
import { sqliteFile } from '../db/sqlite/connection.ts'

let migrated: Promise<Buffer> | undefined
let unhurried: Promise<Buffer> | undefined

/**
 * Puts an empty database of today's schema into a folder, so that opening it has nothing to migrate: that takes a
 * tenth of the processor time, and none of the disk's.
 */
export async function placeMigrated(dataDir: string): Promise<void> {
  migrated ??= migrateOnce()
  writeFileSync(sqliteFile(dataDir), await migrated, { mode: 0o600 })
}

/**
 * The same for a whole product, whose nodes take prompts however busy they are: the machine that tests run on is, and a
 * node under pressure gets nothing new.
 */
export async function placeUnhurried(dataDir: string): Promise<void> {
  unhurried ??= migrateOnce(`
    create trigger unhurried after insert on nodes begin
      update nodes set limits = json_set(limits, '$.loadPerCpu', null) where id = new.id;
    end`)
  writeFileSync(sqliteFile(dataDir), await unhurried, { mode: 0o600 })
}

async function migrateOnce(more = ''): Promise<Buffer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-migrated-'))
  const database = await openDatabase({ dataDir })
  if (more !== '') await database.write((db) => sql.raw(more).execute(db))
  await database[Symbol.asyncDispose]()
  const content = readFileSync(sqliteFile(dataDir))
  rmSync(dataDir, { recursive: true })
  return content
}
