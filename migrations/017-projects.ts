import type { Kysely } from 'kysely'
import { addId, counter, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** Projects, their milestones, and the work in them: features, bugs and devops tasks are rows of one table. */
export async function projects(db: Kysely<unknown>, dialect: AnyDialect) {
  await createProjects(db, dialect)
  await createMilestones(db, dialect)
  await createItems(db, dialect)
  await createLinks(db, dialect)
  await createComments(db, dialect)
}

/** `next_number`: of the next work item, so that numbers rise by one and none is used twice. */
async function createProjects(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('projects'), dialect)
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('root_path', 'text', (column) => column.unique())
    .addColumn('repository_url', 'text')
    .addColumn('status', 'text', required)
    .addColumn('metadata', 'text', required)
    .addColumn('next_number', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .execute()
}

/** `target_date`: a day as YYYY-MM-DD. */
async function createMilestones(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('milestones'), dialect)
    .addColumn('project_id', 'bigint', required)
    .addColumn('name', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('target_date', 'text')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('completed_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('milestones_project')
    .on('milestones')
    .columns(['project_id', 'status', 'id'])
    .execute()
}

async function createItems(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('work_items'), dialect)
    .addColumn('kind', 'text', required)
    .addColumn('project_id', 'bigint', required)
    .addColumn('number', 'integer', required)
    .addColumn('milestone_id', 'bigint')
    .addColumn('title', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('priority', 'integer', counter)
    .addColumn('severity', 'text')
    .addColumn('assignee', 'text')
    .addColumn('metadata', 'text', required)
    .addColumn('prompt_id', 'bigint')
    .addColumn('note', 'text')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('status_at', 'bigint', required)
    .addUniqueConstraint('work_items_number', ['project_id', 'number'])
    .execute()
  const indexes: [string, string[]][] = [
    ['work_items_kind', ['kind', 'id']],
    ['work_items_status', ['status', 'id']],
    ['work_items_project_status', ['project_id', 'status', 'id']],
    ['work_items_milestone', ['milestone_id', 'status']],
    ['work_items_assignee', ['assignee', 'status']],
    ['work_items_prompt', ['prompt_id']],
  ]
  for (const [name, columns] of indexes) {
    await db.schema.createIndex(name).on('work_items').columns(columns).execute()
  }
}

/** `ref`: the id of a prompt, an error, an item or a task, or the name of a commit. */
async function createLinks(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('work_links'), dialect)
    .addColumn('item_id', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('ref', 'text', required)
    .addColumn('relation', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addUniqueConstraint('work_links_once', ['item_id', 'kind', 'ref'])
    .execute()
  await db.schema.createIndex('work_links_ref').on('work_links').columns(['kind', 'ref']).execute()
}

async function createComments(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('work_comments'), dialect)
    .addColumn('item_id', 'bigint', required)
    .addColumn('at', 'bigint', required)
    .addColumn('author', 'text', required)
    .addColumn('body', 'text', required)
    .execute()
  await db.schema.createIndex('work_comments_item').on('work_comments').columns(['item_id', 'id']).execute()
}
