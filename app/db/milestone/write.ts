import type { EpochMs } from '../../core/clock.ts'
import { AppError, OutdatedError } from '../../core/errors.ts'
import type { Transition } from '../../core/lifecycle.ts'
import {
  milestoneEvents,
  milestoneLimits,
  type Milestone,
  type MilestoneId,
  type MilestoneStatus,
} from '../../core/milestone.ts'
import type { ProjectId } from '../../core/project.ts'
import { changedFields } from '../changed-fields.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import { getProject } from '../project/read.ts'
import type { Db } from '../schema.ts'
import { toMilestone } from './row.ts'

export interface MilestoneWords {
  name: string
  description: string
  targetDate: string | null
}

/** Throws `not_found` without such a project, `conflict` when that is archived or has too many. */
export async function createMilestone(
  db: Db,
  words: MilestoneWords & { projectId: ProjectId },
  by: string,
  now: EpochMs,
): Promise<Milestone> {
  await requireRoom(db, words.projectId)
  const row = await db
    .insertInto('milestones')
    .values({
      ...columnsOf(words),
      project_id: words.projectId,
      status: 'open',
      created_at: now,
      created_by: by,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const { id: nounId } = row
  const data = { name: row.name, projectId: row.project_id }
  appendEvent(db, { at: now, noun: 'milestone', nounId: String(nounId), type: 'create', data })
  return toMilestone(row)
}

/** What is undefined stays. */
export type MilestoneChanges = {
  [Field in keyof MilestoneWords | 'status']?: Milestone[Field] | undefined
}

/** Throws `not_found`; `conflict` when its status does not lead there; `OutdatedError` for another version. */
export async function changeMilestone(
  db: Db,
  id: MilestoneId,
  changes: MilestoneChanges,
  { now, version }: { now: EpochMs; version?: number | undefined },
): Promise<Milestone> {
  const before = await lockMilestone(db, id)
  if (version !== undefined && version !== before.version) {
    const is = `Milestone ${id} was changed meanwhile: it is of version ${before.version}, not ${version}.`
    throw new OutdatedError(is, before)
  }
  const wanted = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const after: Milestone = { ...before, ...wanted }
  const fields = changedFields(before, after)
  if (Object.keys(fields).length === 0) return before
  const type = after.status === before.status ? 'edit' : eventTo(before, after.status)
  const row = await db
    .updateTable('milestones')
    .set({ ...columnsOf(after), status: after.status, updated_at: now })
    .$if(type !== 'edit', (query) => query.set({ completed_at: type === 'complete' ? now : null }))
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { name: after.name, projectId: after.projectId, changes: fields }
  appendEvent(db, { at: now, noun: 'milestone', nounId: String(id), type, data })
  return toMilestone(row)
}

async function requireRoom(db: Db, projectId: ProjectId) {
  const { key, status } = await getProject(db, projectId)
  if (status === 'archived') {
    throw new AppError('conflict', `${key} is archived, and takes no new milestones. Make it active first.`)
  }
  const { count } = await db
    .selectFrom('milestones')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  if (count < milestoneLimits.perProject) return
  throw new AppError('conflict', `${key} has ${count} milestones, which is the limit.`)
}

async function lockMilestone(db: Db, id: MilestoneId): Promise<Milestone> {
  const query = db.selectFrom('milestones').selectAll().where('id', '=', id)
  const row = await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  if (row) return toMilestone(row)
  throw new AppError('not_found', `There is no milestone ${id}. See which there are: milestones list.`)
}

function eventTo({ id, status }: Milestone, wanted: MilestoneStatus): string {
  const events = Object.entries(milestoneEvents) as [string, Transition<MilestoneStatus>][]
  const found = events.find(([, { from, to }]) => to === wanted && from.includes(status))
  if (found) return found[0]
  throw new AppError(
    'conflict',
    `Milestone ${id} is ${status} and can't become ${wanted}. Open it again first.`,
  )
}

function columnsOf({ name, description, targetDate }: MilestoneWords) {
  return { name, description, target_date: targetDate }
}
