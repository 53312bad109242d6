import { goingOnElsewhere } from '../../core/going-on.ts'
import type { Prompt } from '../../core/prompt.ts'
import type { Db } from '../schema.ts'

/** A session that takes a prompt, as far as its conversation goes. */
interface Conversation {
  sessionKey: string
  generation: string
}

/**
 * What the next attempt says; null: the prompt's own text. The same conversation hears only what is new. Any
 * other, and one in which something else was done meanwhile, hears what it is about as well.
 */
export async function nextTextFor(db: Db, prompt: Prompt, session: Conversation): Promise<string | null> {
  const { nextText } = prompt
  if (nextText === null) return null
  const last = await db
    .selectFrom('attempts')
    .select(['id', 'answer', 'session_key', 'generation'])
    .where('prompt_id', '=', prompt.id)
    .where('submitted_at', 'is not', null)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const isSame = last?.session_key === session.sessionKey && last.generation === session.generation
  if (last && isSame && !(await isAnythingSince(db, session.sessionKey, last.id))) return nextText
  return goingOnElsewhere(prompt, last?.answer ?? null, nextText)
}

async function isAnythingSince(db: Db, sessionKey: string, attempt: number): Promise<boolean> {
  const row = await db
    .selectFrom('attempts')
    .select('id')
    .where('session_key', '=', sessionKey)
    .where('id', '>', attempt)
    .where('entered_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
