import { randomBytes } from 'node:crypto'
import { sql, type Selectable } from 'kysely'
import type { Attempt, AttemptPhase } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { PromptId } from '../../core/prompt.ts'
import type { Lease } from '../../core/queue.ts'
import { compileOnce } from '../hot.ts'
import type { AttemptRow, Db } from '../schema.ts'
import { toAttempt } from './row.ts'

export async function startAttempt(
  db: Db,
  start: {
    promptId: PromptId
    number: number
    /** null: the prompt's own. */
    text: string | null
    session: { sessionKey: string; sessionName: string; agent: string; generation: string }
    lease: Lease
  },
  now: EpochMs,
): Promise<Attempt> {
  const { promptId, number, text, session, lease } = start
  const [row] = await insertAttempt(db, {
    prompt_id: promptId,
    number,
    text,
    token: randomBytes(9).toString('hex'),
    session_key: session.sessionKey,
    session_name: session.sessionName,
    agent: session.agent,
    generation: session.generation,
    claimed_at: now,
    lease_owner: lease.owner,
    lease_until: lease.until,
  })
  return toAttempt(row!)
}

type NewAttempt = Pick<
  Selectable<AttemptRow>,
  | 'prompt_id'
  | 'number'
  | 'text'
  | 'token'
  | 'session_key'
  | 'session_name'
  | 'agent'
  | 'generation'
  | 'claimed_at'
  | 'lease_owner'
  | 'lease_until'
>

const insertAttempt = compileOnce((db, p: NewAttempt) =>
  db
    .insertInto('attempts')
    .values({
      prompt_id: p.prompt_id,
      number: p.number,
      text: p.text,
      token: p.token,
      session_key: p.session_key,
      session_name: p.session_name,
      agent: p.agent,
      generation: p.generation,
      phase: sql.lit<AttemptPhase>('claimed'),
      claimed_at: p.claimed_at,
      lease_owner: p.lease_owner,
      lease_until: p.lease_until,
    })
    .returningAll(),
)
