import { z } from 'zod'
import type { EpochMs } from '../../core/clock.ts'
import type { LoggedEvent } from '../../core/event.ts'
import type { PromptId, PromptState } from '../../core/prompt.ts'
import { workStatusOf, type WorkId, type WorkItem } from '../../core/work.ts'
import { fromJson } from '../../db/columns.ts'
import { linkErrorPrompt } from '../../db/error/change.ts'
import { moveCursor, readCursor, startCursor } from '../../db/event-cursors.ts'
import { eventsAfter, latestCursor } from '../../db/events.ts'
import type { Database } from '../../db/open.ts'
import type { Db } from '../../db/schema.ts'
import { changeWork, givePrompt } from '../../db/work/change.ts'
import { linksOfWork, linkWork } from '../../db/work/links.ts'
import { findWork, getWork, selectWork } from '../../db/work/read.ts'
import { toWorkItem } from '../../db/work/row.ts'

const cursorName = 'work'
const pageSize = 500

/** What a prompt's metadata say when it was given out for an item, or to fix an error. */
const purposeSchema = z.object({
  work_item_id: z.number().int().positive(),
  when_done: z.enum(['review', 'done']).catch('review'),
})
const fixSchema = z.object({ error_id: z.number().int().positive() })

/**
 * Reads the event log from where it was read last, and brings each item to where its prompt is. What is done comes from
 * the prompt as it is now, and is stored together with the new place in the log: a process that dies anywhere leaves
 * nothing undone and does nothing twice.
 */
export async function followPromptsOfWork(database: Database, now: EpochMs): Promise<void> {
  const start = await readCursor(database.kysely, cursorName)
  if (start === null) return begin(database, now)
  for (let cursor = start; ;) {
    const events = await eventsAfter(database.kysely, cursor, { limit: pageSize })
    const last = events.at(-1)
    if (!last || !(await followPage(database, events, { from: cursor, to: last.id }, now))) return
    cursor = last.id
  }
}

/** Prompts that were given out before anybody followed the log; of the log itself nothing is missed. */
async function begin(database: Database, now: EpochMs) {
  const end = await latestCursor(database.kysely)
  await database.write(async (db) => {
    await startCursor(db, cursorName, end)
    const rows = await db
      .selectFrom('work_items')
      .select('prompt_id')
      .where('prompt_id', 'is not', null)
      .where('status', 'in', ['queued', 'in_progress'])
      .execute()
    for (const { prompt_id: id } of rows) if (id !== null) await followPrompt(db, id, now)
  })
}

/** false: another process was faster. */
async function followPage(
  database: Database,
  events: readonly LoggedEvent[],
  { from, to }: { from: number; to: number },
  now: EpochMs,
): Promise<boolean> {
  const ids = new Set(events.filter(({ noun }) => noun === 'prompt').map(({ nounId }) => Number(nounId)))
  return database.write(async (db) => {
    if (!(await moveCursor(db, cursorName, from, to))) return false
    for (const id of ids) if (Number.isSafeInteger(id) && id > 0) await followPrompt(db, id, now)
    return true
  })
}

async function followPrompt(db: Db, id: PromptId, now: EpochMs) {
  const prompt = await db
    .selectFrom('prompts')
    .select(['id', 'state', 'reason', 'metadata', 'target'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!prompt) return
  const session = fromJson(prompt.target).session ?? null
  await adopt(db, { id, metadata: fromJson(prompt.metadata), session }, now)
  const rows = await selectWork(db).where('w.prompt_id', '=', id).execute()
  for (const row of rows) await bring(db, toWorkItem(row), prompt, now)
}

interface Adopted {
  id: PromptId
  metadata: unknown
  session: string | null
}

/** A prompt that says what it is for, and whose sender died before saying so there. */
async function adopt(db: Db, { id, metadata, session }: Adopted, now: EpochMs) {
  const fix = fixSchema.safeParse(metadata)
  if (fix.success) await linkErrorPrompt(db, fix.data.error_id, id, now)
  const purpose = purposeSchema.safeParse(metadata)
  if (!purpose.success) return
  const { work_item_id: itemId, when_done: whenDone } = purpose.data
  const assignee = session === null ? null : `session:${session}`
  if (await findWork(db, itemId)) await giveForWork(db, itemId, { promptId: id, whenDone, assignee }, now)
}

/**
 * The item is linked with a prompt, and follows it from here on. Nothing changes when it was given that prompt, or a
 * later one, before: whoever asks twice, after an answer that was lost, moves nothing back.
 */
export async function giveForWork(
  db: Db,
  id: WorkId,
  given: { promptId: PromptId; whenDone: 'review' | 'done'; assignee: string | null },
  now: EpochMs,
  by = 'assigner',
): Promise<void> {
  const { promptId, whenDone, assignee } = given
  const { promptId: before, assignee: whose } = await getWork(db, id)
  if (before !== null && before >= promptId) return
  await linkWork(db, id, { kind: 'prompt', ref: String(promptId), relation: whenDone }, by, now)
  await givePrompt(db, id, { promptId, assignee: assignee ?? whose }, { by, now })
}

/** Whoever moved the item elsewhere meanwhile is not overruled; only what came back with a note goes on again. */
async function bring(
  db: Db,
  item: WorkItem,
  prompt: { id: PromptId; state: PromptState; reason: string | null },
  now: EpochMs,
) {
  const cameBack = item.status === 'open' && item.note !== null
  if (item.status !== 'queued' && item.status !== 'in_progress' && !cameBack) return
  const links = await linksOfWork(db, item.id)
  const link = links.find(({ kind, ref }) => kind === 'prompt' && ref === String(prompt.id))
  const status = workStatusOf(prompt.state, link?.relation === 'done' ? 'done' : 'review')
  const note = status === 'open' ? noteOf(prompt) : null
  await changeWork(db, item.id, { status, note }, { by: 'assigner', now })
}

const noteChars = 500

function noteOf({ id, state, reason }: { id: PromptId; state: PromptState; reason: string | null }): string {
  const why = reason === null || reason === '' ? '' : `: ${reason}`
  const text = state === 'cancelled' ? `Prompt ${id} was cancelled${why}` : `Prompt ${id} failed${why}`
  return (text.length > noteChars ? `${text.slice(0, noteChars)}…` : text).toWellFormed()
}
