import { sql, type Kysely } from 'kysely'
import { addId, counter, list, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** The queue: prompts with their targets and dependencies, attempts, the event log, the queue's controls. */
export async function prompts(db: Kysely<unknown>, dialect: AnyDialect) {
  await createTargets(db, dialect)
  await createPrompts(db, dialect)
  await indexPrompts(db)
  await createDependencies(db)
  await createAttempts(db, dialect)
  await createEvents(db, dialect)
  await createControls(db)
}

async function createTargets(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('targets'), dialect)
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('route', 'text', required)
    .addColumn('session', 'text')
    .addColumn('agent', 'text')
    .addColumn('tier', 'text')
    .addColumn('tag', 'text')
    .addColumn('dir', 'text')
    .addColumn('node', 'text')
    .execute()
  await db.schema.createIndex('targets_route').on('targets').column('route').execute()
}

/** 600000 ms is what one priority point is worth in waiting (`priorityStepMs`). */
async function createPrompts(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('prompts'), dialect)
    .addColumn('state', 'text', required)
    .addColumn('content', 'text', required)
    .addColumn('priority', 'integer', required)
    .addColumn('target', 'text', required)
    .addColumn('target_id', 'bigint', (column) => column.notNull().references('targets.id'))
    .addColumn('timeout_minutes', 'double precision', required)
    .addColumn('max_retries', 'integer', required)
    .addColumn('retry_count', 'integer', counter)
    .addColumn('metadata', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('enqueued_at', 'bigint', required)
    .addColumn('sort_key', 'bigint', (column) =>
      column
        .generatedAlwaysAs(sql`enqueued_at - priority * 600000`)
        .stored()
        .notNull(),
    )
    .addColumn('hold', 'text')
    .addColumn('wake_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addColumn('idempotency_key', 'text', (column) => column.unique())
    .addColumn('after_ids', 'text', list)
    .addColumn('context', 'text', required)
    .addColumn('follow_up_of', 'bigint')
    .addColumn('agent_command', 'integer', required)
    .addColumn('repeatable', 'integer', required)
    .addColumn('waiting_for', 'text')
    .addColumn('skips', 'integer', counter)
    .addColumn('attention', 'text')
    .addColumn('interrupt_requested_at', 'bigint')
    .addColumn('session_key', 'text')
    .addColumn('session_name', 'text')
    .addColumn('attempts', 'integer', counter)
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('requires_follow_up', 'integer', counter)
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
}

/** The first one serves claims: its cost is the same with 10 and with 1,000,000 waiting prompts. */
async function indexPrompts(db: Kysely<unknown>) {
  await sql`create index prompts_waiting on prompts (target_id, sort_key, id)
    where state = 'pending' and hold is null`.execute(db)
  await sql`create index prompts_queue on prompts (sort_key, id) where state = 'pending'`.execute(db)
  await sql`create index prompts_held on prompts (wake_at) where state = 'pending' and hold is not null`.execute(
    db,
  )
  await sql`create index prompts_expiring on prompts (expires_at)
    where state in ('staged', 'pending') and expires_at is not null`.execute(db)
  await sql`create index prompts_state on prompts (state, id)`.execute(db)
  await sql`create index prompts_session on prompts (session_name, id) where session_name is not null`.execute(
    db,
  )
  await sql`create index prompts_target on prompts (target_id)`.execute(db)
}

async function createDependencies(db: Kysely<unknown>) {
  await db.schema
    .createTable('prompt_dependencies')
    .addColumn('prompt_id', 'bigint', (column) =>
      column.references('prompts.id').onDelete('cascade').notNull(),
    )
    .addColumn('depends_on', 'bigint', (column) =>
      column.references('prompts.id').onDelete('cascade').notNull(),
    )
    .addPrimaryKeyConstraint('prompt_dependencies_key', ['prompt_id', 'depends_on'])
    .execute()
  await db.schema
    .createIndex('prompt_dependencies_on')
    .on('prompt_dependencies')
    .column('depends_on')
    .execute()
}

/** A prompt has one live attempt at most: a second claim of it fails here, whatever else goes wrong. */
async function createAttempts(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('attempts'), dialect)
    .addColumn('prompt_id', 'bigint', (column) =>
      column.references('prompts.id').onDelete('cascade').notNull(),
    )
    .addColumn('number', 'integer', required)
    .addColumn('token', 'text', (column) => column.notNull().unique())
    .addColumn('session_key', 'text', required)
    .addColumn('session_name', 'text', required)
    .addColumn('agent', 'text', required)
    .addColumn('generation', 'text', required)
    .addColumn('phase', 'text', required)
    .addColumn('outcome', 'text')
    .addColumn('reason', 'text')
    .addColumn('claimed_at', 'bigint', required)
    .addColumn('typed_at', 'bigint')
    .addColumn('entered_at', 'bigint')
    .addColumn('submitted_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('paused_ms', 'bigint', counter)
    .addColumn('lease_owner', 'text', required)
    .addColumn('lease_epoch', 'bigint', (column) => column.notNull().defaultTo(1))
    .addColumn('lease_until', 'bigint', required)
    .addColumn('evidence', 'text', list)
    .addColumn('answer', 'text')
    .addColumn('answer_source', 'text')
    .addColumn('tokens_in', 'bigint')
    .addColumn('tokens_out', 'bigint')
    .addColumn('cost_usd', 'double precision')
    .addColumn('conversation', 'text')
    .addColumn('git_before', 'text')
    .addColumn('git_after', 'text')
    .addColumn('changes', 'text')
    .addUniqueConstraint('attempts_number', ['prompt_id', 'number'])
    .execute()
  await sql`create unique index attempts_live on attempts (prompt_id) where outcome is null`.execute(db)
  await sql`create index attempts_owner on attempts (lease_owner) where outcome is null`.execute(db)
  await sql`create index attempts_ended on attempts (ended_at) where outcome is not null`.execute(db)
}

async function createEvents(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('events'), dialect)
    .addColumn('at', 'bigint', required)
    .addColumn('noun', 'text', required)
    .addColumn('noun_id', 'text', required)
    .addColumn('type', 'text', required)
    .addColumn('data', 'text', required)
    .execute()
  await db.schema.createIndex('events_noun').on('events').columns(['noun', 'noun_id', 'id']).execute()
}

async function createControls(db: Kysely<unknown>) {
  await db.schema
    .createTable('controls')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('paused', 'integer', counter)
    .addColumn('draining', 'integer', counter)
    .addColumn('reason', 'text')
    .addColumn('changed_at', 'bigint', counter)
    .execute()
  await sql`insert into controls (id) values (1)`.execute(db)
}
