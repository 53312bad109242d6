import type { EpochMs } from '../../core/clock.ts'
import { AppError, OutdatedError } from '../../core/errors.ts'
import type { PromptId } from '../../core/prompt.ts'
import { workEventTo, type WorkEvent, type WorkId, type WorkItem, type WorkStatus } from '../../core/work.ts'
import { changedFields, type ChangedFields } from '../changed-fields.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { columnsOf, requireMilestoneOf, type WorkWords } from './create.ts'
import { resolveFixedErrors } from './links.ts'
import { findWork, selectWork } from './read.ts'
import { toWorkItem } from './row.ts'

/** What is undefined stays. */
export type WorkChanges = {
  [Field in keyof WorkWords | 'status' | 'promptId' | 'note']?: WorkItem[Field] | undefined
}

interface How {
  by: string
  now: EpochMs
  /** Only a change of this one. */
  version?: number | undefined
}

/**
 * Changes what is named and leaves the rest. Throws `not_found`; `conflict` when no event leads to the status;
 * `invalid` for a severity of what is no bug or a milestone of another project; `OutdatedError` for another version.
 */
export async function changeWork(db: Db, id: WorkId, changes: WorkChanges, how: How): Promise<WorkItem> {
  const before = await lockWork(db, id)
  refuseStale(before, how.version)
  const after = await applied(db, before, changes)
  const fields = changedFields(before, after)
  if (Object.keys(fields).length === 0) return before
  const event = after.status === before.status ? null : eventTo(before, after.status)
  await store(db, before, after, how.now)
  announce(db, after, event ?? 'edit', fields, how.now)
  if (event === 'finish') await resolveFixedErrors(db, id, how.by, how.now)
  return (await findWork(db, id))!
}

/** The prompt that a session was given for it; its status follows that from here on. */
export async function givePrompt(
  db: Db,
  id: WorkId,
  { promptId, assignee }: { promptId: PromptId; assignee: string | null },
  how: How,
): Promise<WorkItem> {
  const { status } = await lockWork(db, id)
  return changeWork(
    db,
    id,
    {
      promptId,
      note: null,
      ...(assignee !== null && { assignee }),
      ...(workEventTo(status, 'queued') && { status: 'queued' as const }),
    },
    how,
  )
}

/** On SQLite the write that this is part of is alone anyway. */
async function lockWork(db: Db, id: WorkId): Promise<WorkItem> {
  const query = selectWork(db).where('w.id', '=', id)
  const row = await (dialectOf(db) === 'postgres' ? query.forUpdate('w') : query).executeTakeFirst()
  if (row) return toWorkItem(row)
  throw new AppError('not_found', `There is no feature, bug or devops task ${id}.`)
}

function refuseStale(before: WorkItem, version: number | undefined) {
  if (version === undefined || version === before.version) return
  const { key, version: present } = before
  throw new OutdatedError(
    `${key} was changed meanwhile: it is of version ${present}, not ${version}.`,
    before,
  )
}

async function applied(db: Db, before: WorkItem, changes: WorkChanges): Promise<WorkItem> {
  const wanted = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const after: WorkItem = { ...before, ...wanted }
  if (after.severity !== null && after.kind !== 'bug') {
    throw new AppError('invalid', `${before.key} is no bug, and has no severity. Give it a priority.`)
  }
  if (after.milestoneId !== before.milestoneId) {
    await requireMilestoneOf(db, after.projectId, after.milestoneId)
  }
  // Why it came back is said until somebody moves it on.
  if (after.status !== before.status && changes.note === undefined) after.note = null
  return after
}

function eventTo({ key, status }: WorkItem, wanted: WorkStatus): WorkEvent {
  const event = workEventTo(status, wanted)
  if (event) return event
  const words = (name: WorkStatus) => name.replace('_', ' ')
  throw new AppError(
    'conflict',
    `${key} is ${words(status)} and can't become ${words(wanted)}. Open it first.`,
  )
}

async function store(db: Db, before: WorkItem, after: WorkItem, now: EpochMs) {
  await db
    .updateTable('work_items')
    .set({ ...columnsOf(after), status: after.status, updated_at: now })
    .set({ prompt_id: after.promptId, note: after.note, version: before.version + 1 })
    .$if(after.status !== before.status, (query) => query.set({ status_at: now }))
    .where('id', '=', before.id)
    .where('version', '=', before.version)
    .execute()
}

function announce(db: Db, item: WorkItem, type: WorkEvent | 'edit', fields: ChangedFields, now: EpochMs) {
  const { id, kind, key, title } = item
  const data = { kind, key, title, changes: fields, ...(item.note !== null && { note: item.note }) }
  appendEvent(db, { at: now, noun: 'work', nounId: String(id), type, data })
}
