import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { openDatabase, type Database } from '../db/open.ts'
import { placeMigrated } from './migrated.ts'
import { createPostgresDatabase } from './postgres.ts'

/** One empty, migrated store of its own; everything of it is gone when it is disposed of. */
export interface TestStore extends AsyncDisposable {
  database: Database
  dataDir: string
  databaseUrl: string | undefined
  /** Another process's view of the same store; closed with it. */
  openAgain(): Promise<Database>
}

export interface TestDatabase {
  name: 'sqlite' | 'postgres'
  open: (options?: { clock?: Clock }) => Promise<TestStore>
}

/** Every test of a repository runs on both: `describe.each(databases)('on $name', ({ open }) => …)`. */
export const databases: readonly TestDatabase[] = [
  { name: 'sqlite', open: (options) => openStore(undefined, options?.clock) },
  { name: 'postgres', open: async (options) => openStore(await createPostgresDatabase(), options?.clock) },
]

async function openStore(databaseUrl: string | undefined, clock?: Clock): Promise<TestStore> {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-db-'))
  if (!databaseUrl) await placeMigrated(dataDir)
  const options = { dataDir, databaseUrl, ...(clock && { clock }) }
  const opened = [await openDatabase(options)]
  return {
    database: opened[0]!,
    dataDir,
    databaseUrl,
    async openAgain() {
      const another = await openDatabase(options)
      opened.push(another)
      return another
    },
    async [Symbol.asyncDispose]() {
      for (const database of opened) await database[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
