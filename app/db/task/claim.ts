import { sql, type Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Lease } from '../../core/queue.ts'
import type { Task, TaskId, TaskRun } from '../../core/task.ts'
import { dialectOf } from '../dialect.ts'
import { compileOnce, rawQuery } from '../hot.ts'
import type { Db, TaskRunRow } from '../schema.ts'
import { tryAdvanceTask } from './advance.ts'
import { toRun } from './row.ts'

/** A worker that has room for a task. */
interface ClaimingWorker {
  id: number
  name: string
  node: string
  /** What it can do. */
  types: readonly string[]
}

/**
 * Gives the worker the first waiting task that fits it: smallest sort key, a type that it can do and that is not
 * paused, its node or any. Begins the run in the same transaction. null when nothing waits for it.
 * Costs the same however long the queue is: only the head of each type's own short queue is looked at.
 */
export async function claimNextTask(
  db: Db,
  worker: ClaimingWorker,
  lease: Lease,
  now: EpochMs,
): Promise<{ task: Task; run: TaskRun } | null> {
  const id = await findNext(db, worker)
  if (id === null) return null
  const told = { worker: worker.name, worker_id: worker.id }
  const task = await tryAdvanceTask(db, id, 'claim', { worker: worker.name }, told, now)
  if (!task) return null
  const [row] = await insertRun(db, {
    taskId: id,
    number: task.runs,
    workerId: worker.id,
    worker: worker.name,
    node: worker.node,
    startedAt: now,
    owner: lease.owner,
    until: lease.until,
  })
  return { task, run: toRun(row!) }
}

async function findNext(db: Db, { types, node }: ClaimingWorker): Promise<TaskId | null> {
  if (types.length === 0) return null
  const [head] =
    dialectOf(db) === 'postgres'
      ? await findUnlocked(db, { types: [...types], node })
      : await findHead(db, { types: JSON.stringify(types), node })
  return head?.id ?? null
}

/** Whether a claim would find something: a look that takes no lock. */
export async function isAnyTaskFor(db: Db, { types, node }: ClaimingWorker): Promise<boolean> {
  if (types.length === 0) return false
  const [head] =
    dialectOf(db) === 'postgres'
      ? await findFirst(db, { types: [...types], node })
      : await findHead(db, { types: JSON.stringify(types), node })
  return head !== undefined
}

/** SQLite: whoever claims is alone, so the first one is free. The index is fixed, as for prompts. */
const findHead = compileOnce((db, p: { types: string; node: string }) => {
  const head = (node: unknown) => sql`select (select q.id from task_queue q indexed by task_queue_waiting
      where q.type = t.value and q.node = ${node} and q.state = 'pending' and q.hold is null
      order by q.sort_key, q.id limit 1) as id
    from json_each(${p.types}) t where t.value not in (select type from task_pauses)`
  return rawQuery<{ id: TaskId }>(
    db,
    sql`select q.id from (${head(sql.lit(''))} union all ${head(p.node)}) head
      cross join task_queue q on q.id = head.id
      where not exists (select 1 from task_pauses where type = '')
      order by q.sort_key, q.id limit 1`,
  )
})

type Asking = { types: string[]; node: string }

const inOrder = (p: Asking) => sql`select q.id from task_queue q where q.state = 'pending' and q.hold is null
  and q.type = any(cast(${p.types} as text[])) and q.node in ('', ${p.node})
  and not exists (select 1 from task_pauses p where p.type in ('', q.type))
  order by q.sort_key, q.id limit 1`

const findFirst = compileOnce((db, p: Asking) => rawQuery<{ id: TaskId }>(db, sql`${inOrder(p)}`))

/** PostgreSQL: others claim at the same time; rows that they hold are skipped. */
const findUnlocked = compileOnce((db, p: Asking) =>
  rawQuery<{ id: TaskId }>(db, sql`${inOrder(p)} for update of q skip locked`),
)

type NewRun = Lease & {
  taskId: TaskId
  number: number
  workerId: number
  worker: string
  node: string
  startedAt: EpochMs
}

const insertRun = compileOnce((db, p: NewRun) =>
  rawQuery<Selectable<TaskRunRow>>(
    db,
    sql`insert into task_runs (task_id, number, worker_id, worker, node, started_at, lease_owner, lease_until)
      values (${p.taskId}, ${p.number}, ${p.workerId}, ${p.worker}, ${p.node}, ${p.startedAt}, ${p.owner}, ${p.until})
      returning *`,
  ),
)
