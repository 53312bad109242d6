import type { Database as SqliteHandle } from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { Kysely } from 'kysely'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { writingAs } from '../by.ts'
import { dropEvents, openEventBuffer, storeEvents } from '../events.ts'
import { runMigrations, schemaState } from '../migrate.ts'
import type { Database } from '../open.ts'
import type { Db, Schema } from '../schema.ts'
import { backUp } from './backup.ts'
import { SqliteBus } from './bus.ts'
import { openReader, openWriter, sqliteFile } from './connection.ts'
import { sqliteDialect } from './driver.ts'
import { describeReadFailure, describeSqliteFailure } from './failures.ts'
import { GroupCommit } from './group-commit.ts'

export interface SqliteOptions {
  dataDir: string
  clock: Clock
  readonly: boolean
  busyTimeoutMs: number
}

/** One connection for writing, behind the group commit, and one for everybody who reads. */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  const { dataDir, readonly, busyTimeoutMs } = options
  const describe = (error: unknown) => describeSqliteFailure(error, dataDir)
  const opened: SqliteHandle[] = []
  try {
    if (readonly) return await openForReading(dataDir, describe, opened)
    const handle = keep(opened, openWriter(dataDir))
    await migrateSqlite(handle, options, describe)
    const reader = keep(opened, openReader(dataDir))
    return serve(handle, reader, { dataDir, describe, busyTimeoutMs })
  } catch (error) {
    for (const handle of opened) handle.close()
    throw describe(error)
  }
}

async function openForReading(
  dataDir: string,
  describe: (error: unknown) => unknown,
  opened: SqliteHandle[],
): Promise<Database> {
  if (!existsSync(sqliteFile(dataDir))) {
    throw new AppError(
      'not_found',
      `There is no database in ${dataDir} yet. Start the assigner once, or send a prompt.`,
    )
  }
  const reader = keep(opened, openReader(dataDir))
  const { pending } = await schemaState(kyselyOf(reader, describe))
  if (pending.length > 0) {
    throw new AppError(
      'unavailable',
      `The database in ${dataDir} is of an older version. Start the assigner once to update it.`,
    )
  }
  return serve(null, reader, { dataDir, describe, busyTimeoutMs: 0 })
}

/** `begin immediate` is the lock between processes that migrate at the same time. */
async function migrateSqlite(
  handle: SqliteHandle,
  { dataDir, clock, busyTimeoutMs }: SqliteOptions,
  describe: (error: unknown) => unknown,
) {
  const db = kyselyOf(handle, describe)
  const { version, pending } = await schemaState(db)
  if (pending.length === 0) return
  if (version !== null) backUp(handle, dataDir, version, clock.now())
  const alone = new GroupCommit(handle, db, {
    describe,
    busyTimeoutMs,
    async beforeRelease() {},
    onRollback() {},
    onCommit() {},
  })
  await alone.run(() => runMigrations(db, clock.now()))
}

interface Serving {
  dataDir: string
  describe: (error: unknown) => unknown
  busyTimeoutMs: number
}

function serve(writer: SqliteHandle | null, reader: SqliteHandle, serving: Serving): Database {
  const { describe } = serving
  const bus = new SqliteBus(reader)
  const group = writer ? groupCommit(writer, serving, bus) : null
  const database: Database = {
    kysely: kyselyOf(reader, (error) => describeReadFailure(error, describe)),
    dialect: 'sqlite',
    dataDir: serving.dataDir,
    bus,
    write(work) {
      if (group) return group.run(work)
      throw new Error('This database was opened for reading only.')
    },
    by: (actor) => writingAs(database, actor),
    async [Symbol.asyncDispose]() {
      await group?.idle()
      await bus[Symbol.asyncDispose]()
      reader.close()
      writer?.close()
    },
  }
  return database
}

function groupCommit(handle: SqliteHandle, serving: Serving, bus: SqliteBus): GroupCommit {
  const db = kyselyOf(handle, serving.describe)
  let isNews = false
  let afterSilence = () => {}
  openEventBuffer(db)
  return new GroupCommit(handle, db, {
    ...serving,
    async beforeRelease() {
      isNews = (await storeEvents(db)) || isNews
      if (!isNews) afterSilence = bus.passOver()
    },
    onRollback: () => dropEvents(db),
    onCommit() {
      if (isNews) bus.wake()
      else afterSilence()
      isNews = false
    },
  })
}

function kyselyOf(handle: SqliteHandle, describe: (error: unknown) => unknown): Db {
  return new Kysely<Schema>({ dialect: sqliteDialect(handle, describe) })
}

function keep(opened: SqliteHandle[], handle: SqliteHandle): SqliteHandle {
  opened.push(handle)
  return handle
}
