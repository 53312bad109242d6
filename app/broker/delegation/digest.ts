import type { EpochMs } from '../../core/clock.ts'
import type { Prompt, PromptId } from '../../core/prompt.ts'
import { parseSessionName } from '../../core/session-name.ts'
import { lastAttempt } from '../../db/attempts.ts'
import type { Database } from '../../db/open.ts'
import { advancePrompt, childrenOf, openChildIds, submitPrompt } from '../../db/prompts.ts'
import {
  dueChildren,
  dueToSender,
  goOnWith,
  isDigestWaiting,
  lockPrompt,
  markTold,
  parentsToTell,
  promptsOfGoneSessions,
  sendersWithDue,
} from '../../db/prompt/reports.ts'
import type { Db } from '../../db/schema.ts'
import { digestText } from './digest-text.ts'

/** Ends within this time of each other go into one digest, in ms. */
export const settleMs = 2_000
/** An agent that is started again within this time goes on with what was its; in ms. */
export const goneMs = 60_000

/**
 * Tells those who delegated what has ended: one digest each, when they can take it. Each is made in one
 * transaction with the note that it was told, so that a crash at any moment leaves it told once. Returns what
 * was done, for people.
 */
export async function sendDigests(database: Database, now: EpochMs): Promise<string[]> {
  const done: string[] = []
  for (const { id } of await parentsToTell(database.kysely, now - settleMs)) {
    if (await tellParent(database, id, now)) done.push(`prompt ${id} goes on with the results of its parts`)
  }
  for (const sender of await sendersWithDue(database.kysely, now - settleMs)) {
    const id = await tellSender(database, sender, now)
    if (id !== null) done.push(`prompt ${id} tells ${sender} what ended`)
  }
  for (const prompt of await promptsOfGoneSessions(database.kysely, now - goneMs)) {
    if (await letOthersTake(database, prompt, now))
      done.push(`prompt ${prompt.id} goes on elsewhere: ${prompt.sessionName ?? 'its session'} is gone`)
  }
  if (done.length > 0) await database.bus.notify('prompts')
  return done
}

/** Its target is what it was; a session of the same name that comes back is one of those that fit, if it was. */
async function letOthersTake(database: Database, prompt: Prompt, now: EpochMs): Promise<boolean> {
  const { id, firstTarget } = prompt
  if (firstTarget === null) return false
  const moved = { target: firstTarget, firstTarget: null }
  return database.write(async (db) => {
    if ((await lockPrompt(db, id)) !== 'pending') return false
    await advancePrompt(db, id, 'reassign', moved, now)
    return true
  })
}

/** What is said of these ends, each with its last answer. */
export async function digestOf(db: Db, ended: readonly Prompt[], open: readonly PromptId[]): Promise<string> {
  const results = []
  for (const prompt of ended) {
    results.push({ prompt, answer: (await lastAttempt(db, prompt.id))?.answer ?? null })
  }
  return digestText(results, open)
}

/** So many parts are told again when all were heard of already and the prompt only has to go on. */
const partsToldAgain = 100

function tellParent(database: Database, id: PromptId, now: EpochMs): Promise<boolean> {
  return database.write(async (db) => {
    if ((await lockPrompt(db, id)) !== 'pending') return false
    const due = await dueChildren(db, id, now)
    const open = await openChildIds(db, id)
    if (due.length === 0 && open.length > 0) return false
    const told = await markTold(
      db,
      due.map((child) => child.id),
    )
    const news = due.filter((child) => told.includes(child.id))
    const ended = news.length > 0 ? news : await childrenOf(db, id, { limit: partsToldAgain })
    return goOnWith(db, id, await digestOf(db, ended, open), now)
  })
}

/** null: it is busy, or a digest waits for it already. */
function tellSender(database: Database, sender: string, now: EpochMs): Promise<PromptId | null> {
  return database.write(async (db) => {
    const where = await whereabouts(db, sender)
    if (where === 'busy' || (await isDigestWaiting(db, sender))) return null
    const due = await dueToSender(db, sender, now)
    const told = await markTold(
      db,
      due.map(({ id }) => id),
    )
    const ended = due.filter(({ id }) => told.includes(id))
    const [first] = ended
    if (!first) return null
    const { prompt } = await submitPrompt(
      db,
      {
        content: await digestOf(db, ended, await openIdsOf(db, sender)),
        kind: 'digest',
        target: { session: sender },
        priority: Math.max(...ended.map(({ priority }) => priority)),
        // The end that it begins with is told once, also when another process made the same digest.
        idempotencyKey: `digest ${first.id} ${first.endedAt}`,
      },
      now,
    )
    if (where === 'gone') await askForSession(db, prompt.id, sender)
    return prompt.id
  })
}

async function whereabouts(db: Db, sender: string): Promise<'free' | 'busy' | 'gone'> {
  const { node, name } = parseSessionName(sender)
  const rows = await db
    .selectFrom('sessions')
    .select(['state', 'accepts_prompt', 'prompt_id'])
    .where('node', '=', node)
    .where('name', '=', name)
    .where('state', 'not in', ['gone', 'not_agent'])
    .execute()
  if (rows.length === 0) return 'gone'
  const isFree = rows.some(({ accepts_prompt, prompt_id }) => accepts_prompt === 1 && prompt_id === null)
  return isFree ? 'free' : 'busy'
}

async function openIdsOf(db: Db, sender: string): Promise<PromptId[]> {
  const rows = await db
    .selectFrom('prompts')
    .select('id')
    .where('depth', '=', 0)
    .where('sent_by', '=', sender)
    .where('report', '=', 'wanted')
    .where('state', 'in', ['staged', 'pending', 'assigned', 'in_progress', 'restarting'])
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Whoever takes the digest later clears this. */
async function askForSession(db: Db, id: PromptId, sender: string) {
  const attention =
    `${sender} delegated what this tells of, and is gone. Start it again, or give this to another session ` +
    `with --reassign ${id} --to NAME.`
  await db.updateTable('prompts').set({ attention }).where('id', '=', id).execute()
}
