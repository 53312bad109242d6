import type { Kysely } from 'kysely'
import { addId, list, required } from './columns.ts'

/**
 * Who works on what in repositories that sessions share: one row for each session in a repository, one for each
 * path that it has locked. Whether two paths overlap is more than an index can say; writes that ask for a path
 * follow one another.
 */
export async function locks(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  await addId(db.schema.createTable('locks'), dialect)
    .addColumn('node', 'text', required)
    .addColumn('project', 'text', required)
    .addColumn('root', 'text', required)
    .addColumn('session', 'text', required)
    .addColumn('session_key', 'text')
    .addColumn('generation', 'text')
    .addColumn('branch', 'text')
    .addColumn('warning', 'text')
    .addColumn('refused', 'text', list)
    .addColumn('started_at', 'bigint', required)
    .addColumn('changed_at', 'bigint', required)
    .addColumn('ready_at', 'bigint')
    .addColumn('missing_since', 'bigint')
    .addColumn('shown_in', 'bigint')
    .addUniqueConstraint('locks_session', ['node', 'project', 'session'])
    .execute()
  await db.schema
    .createTable('lock_files')
    .addColumn('lock_id', 'bigint', (column) => column.notNull().references('locks.id').onDelete('cascade'))
    .addColumn('path', 'text', required)
    .addColumn('locked_at', 'bigint', required)
    .addPrimaryKeyConstraint('lock_files_key', ['lock_id', 'path'])
    .execute()
}
