import { sql, type SqlBool } from 'kysely'
import type { ProjectId } from '../../core/project.ts'
import type { WorkId } from '../../core/work.ts'
import { fromJson } from '../columns.ts'
import { dialectOf } from '../dialect.ts'
import type { Db } from '../schema.ts'

/** Work that was made of tasks of a milestone plan, by the tasks' keys. */
export async function workOfPlan(db: Db, projectId: ProjectId): Promise<Map<string, WorkId>> {
  const rows = await db
    .selectFrom('work_items')
    .select(['id', 'metadata'])
    .where('project_id', '=', projectId)
    .where(sql<SqlBool>`metadata like '%"plan_key"%'`)
    .orderBy('id')
    .execute()
  return new Map(rows.map(({ id, metadata }) => [String(fromJson(metadata)['plan_key']), id]))
}

/** From here to the end of the write, nobody else makes work of this project's plan. */
export async function lockPlanOf(db: Db, projectId: ProjectId): Promise<void> {
  const query = db.selectFrom('projects').select('id').where('id', '=', projectId)
  // On SQLite the write that this is part of is alone anyway.
  await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).execute()
}

/** What waits in one of the queues, or did. */
interface Queued {
  noun: 'prompt' | 'task'
  id: number
}

/** Prompts and background tasks with these keys, by the key. */
export async function queuedByKey(db: Db, keys: readonly string[]): Promise<Map<string, Queued>> {
  if (keys.length === 0) return new Map()
  const of = (table: 'prompts' | 'task_queue') =>
    db.selectFrom(table).select(['id', 'idempotency_key']).where('idempotency_key', 'in', keys).execute()
  const [prompts, tasks] = await Promise.all([of('prompts'), of('task_queue')])
  const queued = new Map<string, Queued>()
  for (const { id, idempotency_key: key } of tasks) queued.set(key!, { noun: 'task', id })
  for (const { id, idempotency_key: key } of prompts) queued.set(key!, { noun: 'prompt', id })
  return queued
}
