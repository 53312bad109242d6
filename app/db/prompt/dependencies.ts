import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Hold, PromptId, PromptState } from '../../core/prompt.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'

/**
 * Tells the prompts that wait for this one that it ended or lives again: where nothing is left to wait for they
 * are released, and where one of their dependencies failed, a person is told. Part of the same transaction.
 */
export async function tellDependents(db: Db, id: PromptId, now: EpochMs): Promise<void> {
  const dependents = await dependentsOf(db, { id })
  for (const { prompt_id } of dependents) await reconsider(db, prompt_id, now)
}

/** The sentence for a person about dependencies that did not end well; null when there are none. */
export function broken(dependencies: readonly { id: PromptId; state: PromptState }[]): string | null {
  const first = dependencies.find(({ state }) => state === 'failed' || state === 'cancelled')
  if (!first) return null
  return (
    `It waits for prompt ${first.id}, which ${first.state === 'failed' ? 'failed' : 'was cancelled'}: ` +
    `retry that one with --retry ${first.id}, or cancel this one.`
  )
}

const dependentsOf = compileOnce((db, p: { id: PromptId }) =>
  db.selectFrom('prompt_dependencies').select('prompt_id').where('depends_on', '=', p.id),
)

async function reconsider(db: Db, id: PromptId, now: EpochMs) {
  const dependencies = await db
    .selectFrom('prompt_dependencies as d')
    .innerJoin('prompts as p', 'p.id', 'd.depends_on')
    .select(['p.id', 'p.state'])
    .where('d.prompt_id', '=', id)
    .orderBy('p.id')
    .execute()
  const isFree = dependencies.every(({ state }) => state === 'completed')
  const attention = broken(dependencies)
  const changed = await db
    .updateTable('prompts')
    .set((eb) => ({
      attention,
      hold: isFree
        ? sql<Hold | null>`case when wake_at > cast(${now} as bigint) then 'not_before' end`
        : sql.lit<Hold>('dependency'),
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('state', 'in', ['staged', 'pending'])
    .where('hold', '=', 'dependency')
    .where((eb) => (isFree ? eb.lit(true) : eb('attention', 'is distinct from', attention)))
    .returning('id')
    .execute()
  if (changed.length === 0) return
  const type = isFree ? 'due' : 'attention'
  appendEvent(db, { at: now, noun: 'prompt', nounId: String(id), type, data: { attention } })
}
