import type { Attempt } from '../../core/attempt.ts'
import type { Prompt } from '../../core/prompt.ts'
import type { PromptChanges } from '../../db/prompts.ts'
import type { Db } from '../../db/schema.ts'

/**
 * The target of a prompt that goes on where it was: the session of that attempt, by a name that means it alone.
 * Where that session is gone, the target stays as it was given; any session that fits then takes over.
 */
export async function returnTo(
  db: Db,
  { target, firstTarget }: Prompt,
  { sessionKey }: Pick<Attempt, 'sessionKey'>,
): Promise<Pick<PromptChanges, 'target' | 'firstTarget'>> {
  const given = firstTarget ?? target
  const session = await nameOf(db, sessionKey)
  if (session === null) return { target: given, firstTarget: null }
  return { target: { session }, firstTarget: given }
}

/** null: it is gone. */
async function nameOf(db: Db, key: string): Promise<string | null> {
  const row = await db.selectFrom('sessions').selectAll().where('key', '=', key).executeTakeFirst()
  if (!row || row.state === 'gone' || row.state === 'not_agent') return null
  const { others } = await db
    .selectFrom('sessions')
    .select((eb) => eb.fn.countAll<number>().as('others'))
    .where('node', '=', row.node)
    .where('name', '=', row.name)
    .where('key', '<>', key)
    .where('state', '<>', 'gone')
    .executeTakeFirstOrThrow()
  return `${row.node}/${others > 0 ? row.address : row.name}`
}
