import type { EpochMs } from '../../core/clock.ts'
import { AppError, LimitedError } from '../../core/errors.ts'
import type { HierarchyRules } from '../../core/hierarchy.ts'
import { endStates, talkKinds, type NewPrompt } from '../../core/prompt.ts'
import { sessionNameText } from '../../core/session-name.ts'
import type { Db } from '../../db/schema.ts'

/** Messages, reports and questions of one session; two that answer each other for ever end here. */
export const mostTalk = 60
export const talkWithinMs = 3_600_000

/**
 * Checks that a session does not send in a loop. Throws `limited` for words without end, `conflict` for more open
 * work than one may have given out; a prompt's own parts are counted with that prompt. People are not counted.
 */
export async function requireWithinLimits(
  db: Db,
  { from, kind, parent }: NewPrompt,
  { delegation }: HierarchyRules,
  now: EpochMs,
): Promise<void> {
  if (!from) return
  const sender = sessionNameText(from)
  if (talkKinds.includes(kind ?? '')) return requireLittleTalk(db, sender, now)
  if (parent === undefined) await requireFewOpen(db, sender, delegation.open_children)
}

/** Looks no further back than this many prompts, so that it costs the same however long the queue is. */
const lookedBack = 2_000

async function requireLittleTalk(db: Db, sender: string, now: EpochMs) {
  const rows = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('prompts')
        .select(['sent_by', 'kind', 'created_at'])
        .orderBy('id', 'desc')
        .limit(lookedBack)
        .as('last'),
    )
    .select('created_at')
    .where('sent_by', '=', sender)
    .where('kind', 'in', [...talkKinds])
    .where('created_at', '>', now - talkWithinMs)
    .execute()
  if (rows.length < mostTalk) return
  const oldest = Math.min(...rows.map(({ created_at }) => created_at))
  throw new LimitedError(
    `${sender} has sent ${rows.length} messages within an hour, and ${mostTalk} is the most. ` +
      'Go on with your work, or ask a person.',
    oldest + talkWithinMs - now,
  )
}

async function requireFewOpen(db: Db, sender: string, most: number) {
  const { open } = await db
    .selectFrom('prompts')
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .where('sent_by', '=', sender)
    .where('parent_id', 'is', null)
    .where('report', '=', 'wanted')
    .where('state', 'not in', [...endStates])
    .executeTakeFirstOrThrow()
  if (open < most) return
  throw new AppError(
    'conflict',
    `${sender} has given out ${open} prompts that are open, and that is the most (delegation.open_children). ` +
      'Wait for one of them, or ask a person to cancel some.',
  )
}
