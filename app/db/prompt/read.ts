import { AppError } from '../../core/errors.ts'
import { promptStates, type Prompt, type PromptId, type PromptState } from '../../core/prompt.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { isPendingInOrder } from './pending.ts'
import { listedColumns, toListedPrompt, toPrompt, type ListedPrompt } from './row.ts'

/** Throws `not_found`: "There is no prompt 7." */
export async function getPrompt(db: Db, id: PromptId): Promise<Prompt> {
  const [row] = await selectPrompt(db, { id })
  if (!row) throw new AppError('not_found', `There is no prompt ${id}.`)
  return toPrompt(row)
}

export interface PromptPage {
  items: ListedPrompt[]
  /** `before` of the next page; null after the last one. */
  nextCursor: PromptId | null
}

/** Newest first, in pages of `limit`; of long texts only the beginning. */
export async function listPrompts(
  db: Db,
  filter: { states?: readonly PromptState[]; sessionName?: string; limit: number; before?: PromptId },
): Promise<PromptPage> {
  const { states, sessionName, limit, before } = filter
  let query = db
    .selectFrom('prompts')
    .select(listedColumns)
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (states) query = query.where('state', 'in', [...states])
  if (sessionName !== undefined) query = query.where('session_name', '=', sessionName)
  if (before !== undefined) query = query.where('id', '<', before)
  const items = (await query.execute()).map(toListedPrompt)
  const page = items.slice(0, limit)
  return { items: page, nextCursor: items.length > limit ? page.at(-1)!.id : null }
}

/** A waiting prompt and its place in the queue, counted from 1; held ones have their place too. */
export interface QueuedPrompt extends Prompt {
  position: number
}

/** The first `limit` waiting prompts in the order in which they will be given out. */
export async function queueOf(db: Db, limit: number): Promise<QueuedPrompt[]> {
  const rows = await db
    .selectFrom('prompts')
    .selectAll()
    .where(isPendingInOrder(db))
    .orderBy('sort_key')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row, index) => ({ ...toPrompt(row), position: index + 1 }))
}

/** How many prompts are in each state. */
export async function promptCounts(db: Db): Promise<Record<PromptState, number>> {
  const rows = await db
    .selectFrom('prompts')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const counts = Object.fromEntries(promptStates.map((state) => [state, 0])) as Record<PromptState, number>
  for (const { state, count } of rows) counts[state] = count
  return counts
}

const selectPrompt = compileOnce((db, p: { id: PromptId }) =>
  db.selectFrom('prompts').selectAll().where('id', '=', p.id),
)
