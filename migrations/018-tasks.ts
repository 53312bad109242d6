import { sql, type Kysely } from 'kysely'
import { addId, counter, list, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** Background tasks with their runs and logs, the workers that do them, and schedules that make them. */
export async function tasks(db: Kysely<unknown>, dialect: AnyDialect) {
  await createTasks(db, dialect)
  await createRuns(db, dialect)
  await createLogs(db)
  await createPauses(db)
  await createWorkers(db, dialect)
  await createSchedules(db, dialect)
}

/** `node` is '' where any may take it. 600000 ms is what one priority point is worth (`priorityStepMs`). */
async function createTasks(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('task_queue'), dialect)
    .addColumn('state', 'text', required)
    .addColumn('type', 'text', required)
    .addColumn('name', 'text')
    .addColumn('data', 'text', required)
    .addColumn('priority', 'integer', required)
    .addColumn('node', 'text', required)
    .addColumn('dir', 'text')
    .addColumn('secrets', 'text', list)
    .addColumn('timeout_ms', 'bigint', required)
    .addColumn('max_retries', 'integer', required)
    .addColumn('retry_delay_ms', 'bigint', required)
    .addColumn('retry_count', 'integer', counter)
    .addColumn('runs', 'integer', counter)
    .addColumn('hold', 'text')
    .addColumn('wake_at', 'bigint')
    .addColumn('idempotency_key', 'text', (column) => column.unique())
    .addColumn('worker', 'text')
    .addColumn('cancel_requested_at', 'bigint')
    .addColumn('created_by', 'text', required)
    .addColumn('schedule_id', 'bigint')
    .addColumn('created_at', 'bigint', required)
    .addColumn('enqueued_at', 'bigint', required)
    .addColumn('sort_key', 'bigint', (column) =>
      column
        .generatedAlwaysAs(sql`enqueued_at - priority * 600000`)
        .stored()
        .notNull(),
    )
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('result', 'text')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await sql`create index task_queue_waiting on task_queue (type, node, sort_key, id)
    where state = 'pending' and hold is null`.execute(db)
  await sql`create index task_queue_order on task_queue (sort_key, id)
    where state = 'pending' and hold is null`.execute(db)
  await sql`create index task_queue_held on task_queue (wake_at) where state = 'pending' and hold is not null`.execute(
    db,
  )
  await sql`create index task_queue_state on task_queue (state, id)`.execute(db)
  await sql`create index task_queue_ended on task_queue (ended_at) where ended_at is not null`.execute(db)
  await sql`create index task_queue_schedule on task_queue (schedule_id, id) where schedule_id is not null`.execute(
    db,
  )
}

/** A task has one live run at most: a second claim of it fails here, whatever else goes wrong. */
async function createRuns(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('task_runs'), dialect)
    .addColumn('task_id', 'bigint', (column) =>
      column.references('task_queue.id').onDelete('cascade').notNull(),
    )
    .addColumn('number', 'integer', required)
    .addColumn('worker_id', 'bigint', required)
    .addColumn('worker', 'text', required)
    .addColumn('node', 'text', required)
    .addColumn('lease_owner', 'text', required)
    .addColumn('lease_epoch', 'bigint', (column) => column.notNull().defaultTo(1))
    .addColumn('lease_until', 'bigint', required)
    .addColumn('started_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('outcome', 'text')
    .addColumn('reason', 'text')
    .addColumn('exit_code', 'integer')
    .addColumn('signal', 'text')
    .addColumn('peak_memory_bytes', 'bigint')
    .addColumn('log_bytes', 'bigint', counter)
    .addColumn('log_tail', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  await sql`create unique index task_runs_number on task_runs (task_id, number)`.execute(db)
  await sql`create unique index task_runs_live on task_runs (task_id) where outcome is null`.execute(db)
  await sql`create index task_runs_owner on task_runs (lease_owner) where outcome is null`.execute(db)
}

/** Parts of a run's log by the byte that they begin at. */
async function createLogs(db: Kysely<unknown>) {
  await db.schema
    .createTable('task_logs')
    .addColumn('run_id', 'bigint', (column) =>
      column.references('task_runs.id').onDelete('cascade').notNull(),
    )
    .addColumn('at', 'bigint', required)
    .addColumn('bytes', 'bigint', required)
    .addColumn('text', 'text', required)
    .addPrimaryKeyConstraint('task_logs_key', ['run_id', 'at'])
    .execute()
}

/** Types of which no task is given out; '' is all of them. */
async function createPauses(db: Kysely<unknown>) {
  await db.schema
    .createTable('task_pauses')
    .addColumn('type', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', required)
    .addColumn('by_whom', 'text', required)
    .execute()
}

async function createWorkers(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('workers'), dialect)
    .addColumn('name', 'text', required)
    .addColumn('node', 'text', required)
    .addColumn('pid', 'bigint')
    .addColumn('version', 'text', required)
    .addColumn('concurrency', 'integer', required)
    .addColumn('types', 'text', list)
    .addColumn('own_types', 'text', list)
    .addColumn('problems', 'text', list)
    .addColumn('started_at', 'bigint', required)
    .addColumn('heartbeat_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('completed', 'bigint', counter)
    .addColumn('failed', 'bigint', counter)
    .execute()
}

async function createSchedules(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('schedules'), dialect)
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('cron', 'text', required)
    .addColumn('time_zone', 'text', required)
    .addColumn('task', 'text', required)
    .addColumn('paused', 'integer', counter)
    .addColumn('overlap', 'integer', counter)
    .addColumn('next_at', 'bigint')
    .addColumn('last_at', 'bigint')
    .addColumn('last_task_id', 'bigint')
    .addColumn('note', 'text')
    .addColumn('created_by', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await sql`create index schedules_due on schedules (next_at) where paused = 0 and next_at is not null`.execute(
    db,
  )
}
