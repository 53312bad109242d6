import { randomUUID } from 'node:crypto'
import { migratedTemplate, queryPostgres, sharedPostgres } from './postgres-service.ts'

/** A new, migrated database on the real PostgreSQL server of this run. */
export function createPostgresDatabase(): Promise<string> {
  return createFrom(migratedTemplate)
}

/** One without any tables. */
export function createEmptyPostgresDatabase(): Promise<string> {
  return createFrom('template1')
}

async function createFrom(template: string): Promise<string> {
  const server = await sharedPostgres()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await queryPostgres(`${server}/postgres`, `create database ${name} template ${template} strategy file_copy`)
  return `${server}/${name}`
}
