import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { maskedFor } from '../mask.ts'

/** The pool as Kysely sees it: no value of the vault is stored by it, and whatever fails at the server is told in a sentence for a person. */
export function describedPool(pool: Pool, describe: (error: unknown) => unknown): PostgresPool {
  return {
    async connect() {
      return describedClient(await described(pool.connect(), describe), describe)
    },
    end: () => pool.end(),
  }
}

/** Cursors, the other form of `query`, are not used. */
function describedClient(client: PoolClient, describe: (error: unknown) => unknown): PostgresPoolClient {
  client.on('error', leaveToNextQuery)
  const query = (sql: string, parameters: readonly unknown[]) =>
    described(client.query(sql, maskedFor(sql, parameters).map(storable)), describe)
  const release = () => {
    client.off('error', leaveToNextQuery)
    client.release()
  }
  return { query: query as unknown as PostgresPoolClient['query'], release }
}

/** PostgreSQL takes no NUL, neither to store it nor to look for it; SQLite takes it, and both answer. */
function storable(parameter: unknown): unknown {
  return typeof parameter === 'string' ? parameter.replaceAll('\0', '\ufffd') : parameter
}

/** A connection that breaks between two queries says so by an event as well, and nobody who listens would end the process. */
const leaveToNextQuery = () => undefined

async function described<T>(promise: Promise<T>, describe: (error: unknown) => unknown): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw describe(error)
  }
}
