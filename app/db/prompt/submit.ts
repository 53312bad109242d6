import type { Insertable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import {
  defaultMaxRetries,
  defaultTimeoutMinutes,
  type Hold,
  type NewPrompt,
  type Prompt,
  type PromptId,
  talkKinds,
} from '../../core/prompt.ts'
import { minPriority } from '../../core/queue.ts'
import { sessionNameText } from '../../core/session-name.ts'
import { toFlag, toJson } from '../columns.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db, PromptRow } from '../schema.ts'
import { targetId } from '../targets.ts'
import { broken } from './dependencies.ts'
import { defaultFamilyLimits, joinFamily, noFamily, type FamilyLimits } from './family.ts'
import { toPrompt } from './row.ts'

/**
 * Puts a prompt into the queue. A second one with the same idempotency key changes nothing and returns the
 * first, with `created: false`. Throws `invalid` when it waits for a prompt that does not exist, `conflict`
 * when it can't be a part of its `parent`.
 */
export async function submitPrompt(
  db: Db,
  input: NewPrompt,
  now: EpochMs,
  limits: FamilyLimits = defaultFamilyLimits,
): Promise<{ prompt: Prompt; created: boolean }> {
  const { parent, target } = input
  const { depth } = parent === undefined ? noFamily : await joinFamily(db, parent, target, limits)
  const after = [...new Set(input.after)]
  const dependencies = after.length > 0 ? await loadDependencies(db, after) : []
  const row = await rowOf(db, input, after, now)
  const [inserted] = await insertPrompt(db, {
    ...row,
    hold: holdOf(input, dependencies, now),
    wake_at: input.notBefore !== undefined && input.notBefore > now ? input.notBefore : null,
    attention: broken(dependencies),
    depth,
  })
  if (!inserted) return { prompt: await byIdempotencyKey(db, input.idempotencyKey!), created: false }
  const prompt = toPrompt(inserted)
  for (const id of after) {
    await db.insertInto('prompt_dependencies').values({ prompt_id: prompt.id, depends_on: id }).execute()
  }
  appendEvent(db, {
    at: now,
    noun: 'prompt',
    nounId: String(prompt.id),
    type: 'submit',
    data: { state: prompt.state, priority: prompt.priority, hold: prompt.hold, ...relations(prompt) },
  })
  return { prompt, created: true }
}

/** Whose it is and what it is a part of, where that is anybody's. */
function relations({ kind, parent, from }: Prompt) {
  return {
    ...(kind !== null && { kind }),
    ...(parent !== null && { parent }),
    ...(from !== null && { from: sessionNameText(from) }),
  }
}

interface Dependency {
  id: PromptId
  state: Prompt['state']
}

/** Locked against ending until this prompt stands beside them, so that it hears of the end. */
async function loadDependencies(db: Db, ids: PromptId[]): Promise<Dependency[]> {
  let query = db.selectFrom('prompts').select(['id', 'state']).where('id', 'in', ids).orderBy('id')
  if (dialectOf(db) === 'postgres') query = query.forShare()
  const found = await query.execute()
  const missing = ids.find((id) => !found.some((row) => row.id === id))
  if (missing !== undefined) {
    throw new AppError(
      'invalid',
      `There is no prompt ${missing} to wait for. Look up its number with --prompts.`,
    )
  }
  return found
}

function holdOf(input: NewPrompt, dependencies: Dependency[], now: EpochMs): Hold | null {
  if (dependencies.some(({ state }) => state !== 'completed')) return 'dependency'
  return input.notBefore !== undefined && input.notBefore > now ? 'not_before' : null
}

type NewRow = Pick<
  Insertable<PromptRow>,
  | 'state'
  | 'content'
  | 'priority'
  | 'target'
  | 'target_id'
  | 'timeout_minutes'
  | 'max_retries'
  | 'metadata'
  | 'created_at'
  | 'expires_at'
  | 'idempotency_key'
  | 'after_ids'
  | 'context'
  | 'follow_up_of'
  | 'agent_command'
  | 'repeatable'
  | 'kind'
  | 'parent_id'
  | 'sent_by'
  | 'report'
>

async function rowOf(db: Db, input: NewPrompt, after: PromptId[], now: EpochMs): Promise<NewRow> {
  const target = input.target ?? {}
  return {
    state: input.staged ? 'staged' : 'pending',
    content: input.content,
    priority: input.priority ?? minPriority,
    target: toJson(target),
    target_id: await targetId(db, target),
    timeout_minutes: input.timeoutMinutes ?? defaultTimeoutMinutes,
    max_retries: input.maxRetries ?? defaultMaxRetries,
    metadata: toJson(input.metadata ?? {}),
    created_at: now,
    expires_at: input.expiresAt ?? null,
    idempotency_key: input.idempotencyKey ?? null,
    after_ids: toJson(after),
    context: input.context ?? 'any',
    follow_up_of: input.followUpOf ?? null,
    agent_command: toFlag(input.agentCommand ?? false),
    repeatable: toFlag(input.repeatable ?? false),
    kind: input.kind ?? null,
    parent_id: input.parent ?? null,
    sent_by: input.from ? sessionNameText(input.from) : null,
    report: isReported(input) ? 'wanted' : null,
  }
}

/** Work that somebody delegated is reported to them when it ends; mere words are not. */
function isReported({ parent, from, kind }: NewPrompt): boolean {
  return (parent !== undefined || Boolean(from)) && !talkKinds.includes(kind ?? '')
}

type InsertedRow = NewRow & {
  hold: Hold | null
  wake_at: EpochMs | null
  attention: string | null
  depth: number
}

const insertPrompt = compileOnce((db, p: InsertedRow) =>
  db
    .insertInto('prompts')
    .values({
      state: p.state,
      content: p.content,
      priority: p.priority,
      target: p.target,
      target_id: p.target_id,
      timeout_minutes: p.timeout_minutes,
      max_retries: p.max_retries,
      metadata: p.metadata,
      created_at: p.created_at,
      enqueued_at: p.created_at,
      hold: p.hold,
      wake_at: p.wake_at,
      expires_at: p.expires_at,
      idempotency_key: p.idempotency_key,
      after_ids: p.after_ids,
      context: p.context,
      follow_up_of: p.follow_up_of,
      agent_command: p.agent_command,
      repeatable: p.repeatable,
      attention: p.attention,
      kind: p.kind,
      parent_id: p.parent_id,
      depth: p.depth,
      sent_by: p.sent_by,
      report: p.report,
    })
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .returningAll(),
)

async function byIdempotencyKey(db: Db, key: string): Promise<Prompt> {
  const row = await db
    .selectFrom('prompts')
    .selectAll()
    .where('idempotency_key', '=', key)
    .executeTakeFirstOrThrow()
  return toPrompt(row)
}
