import { LimitedError } from '../core/errors.ts'
import { appendEvent, type NewEvent } from '../db/events.ts'
import type { Db } from '../db/schema.ts'
import type { ToolCall } from './tool.ts'

/** Notes of one kind on one thing; an agent that writes more is in a loop. */
const mostNotes = 60
const withinMs = 3_600_000

/**
 * Keeps in the log what an agent says without asking anybody for anything, and what else is to be stored with it.
 * Throws `limited` for too much of it.
 */
export async function keepNote(
  { database, clock }: Pick<ToolCall<unknown>, 'database' | 'clock'>,
  note: Omit<NewEvent, 'at'>,
  andStore: (db: Db, at: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const at = clock.now()
  await database.write(async (db) => {
    await requireFew(db, note, at - withinMs)
    await andStore(db, at)
    appendEvent(db, { ...note, at })
  })
  await database.bus.notify(note.noun === 'prompt' ? 'prompts' : 'sessions')
}

async function requireFew(db: Db, { noun, nounId, type }: Omit<NewEvent, 'at'>, since: number) {
  const { count } = await db
    .selectFrom('events')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('noun', '=', noun)
    .where('noun_id', '=', nounId)
    .where('type', '=', type)
    .where('at', '>', since)
    .executeTakeFirstOrThrow()
  if (count < mostNotes) return
  throw new LimitedError(
    `You noted ${mostNotes} within the hour; that is enough. Go on with your work.`,
    withinMs,
  )
}
