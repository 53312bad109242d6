import type { EpochMs } from '../../core/clock.ts'
import { endStates, type PromptState } from '../../core/prompt.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'

type EndState = (typeof endStates)[number]

/**
 * Deletes prompts that are over, at most `limit`, with their attempts; returns how many. One that a living prompt waits for
 * stays, so that this one never starts because its predecessor's failure was cleared away; so does what a living
 * prompt delegated, and one with living parts, until the whole of it is over.
 */
export async function clearPrompts(
  db: Db,
  filter: { states?: readonly EndState[]; olderThan?: EpochMs; limit?: number },
  now: EpochMs,
): Promise<number> {
  const { states = endStates, olderThan, limit } = filter
  let ended = db
    .selectFrom('prompts')
    .select('id')
    .where('state', 'in', [...states])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('prompt_dependencies as d')
            .innerJoin('prompts as waiting', 'waiting.id', 'd.prompt_id')
            .select('d.prompt_id')
            .whereRef('d.depends_on', '=', 'prompts.id')
            .where('waiting.state', 'in', living),
        ),
      ),
    )
    .where((eb) => {
      const family = (column: 'id' | 'parent_id', other: 'id' | 'parent_id') =>
        eb
          .selectFrom('prompts as other')
          .select('other.id')
          .whereRef(`other.${column}`, '=', `prompts.${other}`)
          .where('other.state', 'in', living)
      return eb.not(eb.or([eb.exists(family('parent_id', 'id')), eb.exists(family('id', 'parent_id'))]))
    })
    .where((eb) => eb.or([eb('report', 'is distinct from', 'due'), eb('depth', '>', 0)]))
  if (olderThan !== undefined) ended = ended.where('ended_at', '<', olderThan)
  if (limit !== undefined) ended = ended.orderBy('id').limit(limit)
  const { numDeletedRows } = await db.deleteFrom('prompts').where('id', 'in', ended).executeTakeFirst()
  const count = Number(numDeletedRows)
  if (count > 0)
    appendEvent(db, { at: now, noun: 'queue', nounId: '', type: 'clear', data: { count, states } })
  return count
}

const living: PromptState[] = ['staged', 'pending', 'assigned', 'in_progress', 'restarting']
