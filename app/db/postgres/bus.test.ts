import pg from 'pg'
import { expect, test } from 'vitest'
import { waitFor } from '../../testing/wait-for.ts'
import { PostgresBus } from './bus.ts'

test('that nobody can listen is told once, however often it is tried again', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:9/nothing'
  const pool = new pg.Pool({ connectionString: databaseUrl })
  const faults: unknown[] = []
  const bus = new PostgresBus(databaseUrl, pool, (error) => faults.push(error))

  const leave = bus.subscribe(() => undefined)
  await waitFor(async () => faults.length > 0, 'the fault')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  leave()
  await bus[Symbol.asyncDispose]()
  await pool.end()

  expect(faults).toMatchObject([{ code: 'ECONNREFUSED' }])
})
