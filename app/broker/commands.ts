import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { nodeOf } from '../core/host.ts'
import { sessionNameText } from '../core/session-name.ts'
import { targetSchema, type NewPrompt, type Prompt, type PromptId } from '../core/prompt.ts'
import type { HierarchyRules } from '../core/hierarchy.ts'
import { endAttempt, lastAttempt } from '../db/attempts.ts'
import { setControls } from '../db/controls.ts'
import type { Database } from '../db/open.ts'
import {
  advancePrompt,
  clearPrompts,
  editPrompt,
  getPrompt,
  listPrompts,
  requestInterrupt,
  submitPrompt,
} from '../db/prompts.ts'
import type { FamilyLimits } from '../db/prompt/family.ts'
import type { PromptEdit } from '../db/prompt/edit.ts'
import { setSessionSettings } from '../db/session-settings.ts'
import { checkPrompt } from './check-prompt.ts'
import { addressPrompt, requireMayGive } from './hierarchy/address.ts'
import { requireOwnParent } from './hierarchy/own-parent.ts'
import { readHierarchy } from './hierarchy/rules-file.ts'
import { requireWithinLimits } from './hierarchy/sender-limits.ts'

/*
 * What people and programs can ask of the broker. All of it is done in the database, so that it works whether
 * or not an assigner runs; the bus wakes the one that does.
 */

/**
 * Queues a prompt. Throws `invalid` with a sentence when it can't be one, `forbidden` when the hierarchy's rules
 * are against it.
 */
export async function submit(
  database: Database,
  input: NewPrompt,
  now: EpochMs,
): Promise<{ prompt: Prompt; created: boolean }> {
  const checked = await withFollowUp(database, checkPrompt(input, now))
  const rules = readHierarchy(database.dataDir)
  const addressed = await addressPrompt(database.kysely, rules, checked)
  await requireOwnParent(database, addressed)
  const limits = limitsOf(rules)
  return announce(database, () =>
    database.write(async (db) => {
      await requireWithinLimits(db, addressed, rules, now)
      return submitPrompt(db, addressed, now, limits)
    }),
  )
}

/**
 * Changes a prompt that still waits. Throws `conflict` when it does not any more, or when `version` is given
 * and somebody changed it since.
 */
export async function edit(
  database: Database,
  id: PromptId,
  changes: PromptEdit,
  now: EpochMs,
  version?: number,
): Promise<Prompt> {
  const { content, agentCommand, kind, target, hold } = await getPrompt(database.kysely, id)
  if (hold === 'children' && changes.content !== undefined) {
    throw new AppError(
      'conflict',
      `Prompt ${id} was given out already and waits for what it delegated. Follow it up with --follow-up ${id}.`,
    )
  }
  const { expiresAt, ...rest } = changes
  const moved = changes.target?.session
  if (moved !== target.session) await requireGivable(database, moved, kind)
  const checked = checkPrompt({ content, agentCommand, ...rest, ...(expiresAt && { expiresAt }) }, now)
  const given = Object.keys(changes) as (keyof PromptEdit)[]
  const changed = Object.fromEntries(given.map((key) => [key, key in checked ? checked[key] : changes[key]]))
  return announce(database, () => database.write((db) => editPrompt(db, id, changed, now, version)))
}

/** Takes a prompt that waits out of the queue. A running one is refused: it has to be interrupted. */
export function cancel(database: Database, id: PromptId, now: EpochMs): Promise<Prompt> {
  return advance(database, id, 'cancel', { reason: 'cancelled' }, now)
}

/** Queues an ended prompt again; earlier attempts are kept. */
export async function retry(database: Database, id: PromptId, now: EpochMs): Promise<Prompt> {
  const prompt = await getPrompt(database.kysely, id)
  if (prompt.state === 'in_progress' && prompt.attention !== null)
    return resolveDoubt(database, id, 'retry', now)
  return advance(database, id, 'retry', { retryCount: prompt.retryCount + 1 }, now)
}

/** Queues every failed prompt again that has retries left; returns their ids. */
export async function retryAll(database: Database, now: EpochMs): Promise<PromptId[]> {
  const ids: PromptId[] = []
  for (let before: number | undefined; ;) {
    const { items, nextCursor } = await listPrompts(database.kysely, {
      states: ['failed'],
      limit: 200,
      ...(before !== undefined && { before }),
    })
    for (const prompt of items) {
      if (prompt.retryCount >= prompt.maxRetries) continue
      await retry(database, prompt.id, now)
      ids.push(prompt.id)
    }
    if (nextCursor === null) return ids
    before = nextCursor
  }
}

/** Gives a waiting or ended prompt to another session, or to anyone when `session` is null. */
export async function reassign(
  database: Database,
  id: PromptId,
  session: string | null,
  now: EpochMs,
  { force = false }: { force?: boolean } = {},
): Promise<Prompt> {
  const { target, firstTarget, kind } = await getPrompt(database.kysely, id)
  if (!force) await requireGivable(database, session ?? undefined, kind)
  const { session: _, ...rest } = firstTarget ?? target
  const moved = targetSchema.parse(session === null ? rest : { ...rest, session })
  return advance(database, id, 'reassign', { target: moved, firstTarget: null }, now)
}

/** Asks the assigner to stop a running prompt in the agent's own way; it then ends as `cancelled`. */
export async function interrupt(database: Database, id: PromptId, now: EpochMs): Promise<Prompt> {
  const prompt = await getPrompt(database.kysely, id)
  if (prompt.state === 'in_progress' && prompt.attention !== null)
    return resolveDoubt(database, id, 'cancelled', now)
  return announce(database, () => database.write((db) => requestInterrupt(db, id, now)))
}

export function approve(database: Database, id: PromptId, now: EpochMs): Promise<Prompt> {
  return advance(database, id, 'approve', {}, now)
}

export function reject(database: Database, id: PromptId, now: EpochMs): Promise<Prompt> {
  return advance(database, id, 'reject', { reason: 'rejected' }, now)
}

/**
 * Decides what became of a prompt of which nobody can know whether it arrived, or which survived a restart and
 * has something left to be done.
 */
export async function resolveDoubt(
  database: Database,
  id: PromptId,
  as: 'completed' | 'failed' | 'cancelled' | 'retry',
  now: EpochMs,
): Promise<Prompt> {
  const prompt = await getPrompt(database.kysely, id)
  if (prompt.state === 'restarting' && as !== 'cancelled') return afterRestart(database, id, as, now)
  if (prompt.state !== 'in_progress' || prompt.attention === null) {
    throw new AppError('conflict', `Prompt ${id} is ${prompt.state}; there is no doubt to resolve.`)
  }
  const reason = `a person decided: ${as}`
  const event = { completed: 'finish', failed: 'fail', cancelled: 'interrupt', retry: 'recall' } as const
  const outcome = {
    completed: 'completed',
    failed: 'failed',
    cancelled: 'interrupted',
    retry: 'released',
  } as const
  return announce(database, () =>
    database.write(async (db) => {
      const attempt = await lastAttempt(db, id)
      if (attempt && attempt.outcome === null) await endAttempt(db, attempt, outcome[as], { reason }, now)
      const changes =
        as === 'retry' ? queuedAgain(now) : { reason: as === 'completed' ? null : reason, attention: null }
      return advancePrompt(db, id, event[as], changes, now)
    }),
  )
}

/** What was to be looked at after a restart has been looked at. */
function afterRestart(
  database: Database,
  id: PromptId,
  as: 'completed' | 'failed' | 'retry',
  now: EpochMs,
): Promise<Prompt> {
  const event = { completed: 'finish', failed: 'fail', retry: 'retry' } as const
  const reason = as === 'failed' ? { reason: 'a person decided: failed' } : {}
  return advance(database, id, event[as], reason, now)
}

/** The agent's work restarts Architect itself: the prompt survives that. */
export function suspend(
  database: Database,
  id: PromptId,
  { summary, requiresFollowUp }: { summary: string | null; requiresFollowUp: boolean },
  now: EpochMs,
): Promise<Prompt> {
  return advance(database, id, 'suspend', { reason: summary, requiresFollowUp }, now)
}

/** Nothing more is given out, to anyone or to one session; what runs goes on. */
export async function pause(
  database: Database,
  node: string,
  session: string | null,
  now: EpochMs,
): Promise<void> {
  await control(database, node, session, true, now)
}

export async function resume(
  database: Database,
  node: string,
  session: string | null,
  now: EpochMs,
): Promise<void> {
  await control(database, node, session, false, now)
}

/** Like pausing, but meant to end: whoever asked waits until nothing runs any more. */
export async function drain(database: Database, now: EpochMs): Promise<void> {
  await announce(database, () =>
    database.write((db) => setControls(db, { draining: true, reason: 'drain' }, now)),
  )
}

/** Deletes ended prompts with their attempts; with `days`, only those that ended before. */
export function clear(database: Database, { days }: { days?: number }, now: EpochMs): Promise<number> {
  const olderThan = days === undefined ? {} : { olderThan: now - days * 86_400_000 }
  return database.write((db) => clearPrompts(db, { states: ['completed', 'cancelled'], ...olderThan }, now))
}

async function requireGivable(database: Database, session: string | undefined, kind: string | null) {
  if (session === undefined) return
  await requireMayGive(database.kysely, readHierarchy(database.dataDir), session, kind)
}

function limitsOf({ delegation }: HierarchyRules): FamilyLimits {
  const { depth, open_children: openChildren, children } = delegation
  return { depth, openChildren, children }
}

/** A follow-up goes to the session that did the earlier prompt. */
async function withFollowUp(database: Database, input: NewPrompt): Promise<NewPrompt> {
  if (input.followUpOf === undefined) return input
  const earlier = await getPrompt(database.kysely, input.followUpOf)
  if (earlier.sessionName === null) {
    throw new AppError(
      'conflict',
      `Prompt ${earlier.id} has not been with any session yet, so nothing can follow up on it.`,
    )
  }
  const { sessionKey, sessionName: name } = earlier
  const session =
    input.target?.session ??
    (sessionKey === null ? name : sessionNameText({ node: nodeOf(sessionKey), name }))
  return { ...input, context: 'follow_up', target: { ...input.target, session } }
}

function queuedAgain(now: EpochMs) {
  return {
    enqueuedAt: now,
    hold: null,
    wakeAt: null,
    attention: null,
    interruptRequestedAt: null,
    reason: null,
  }
}

function advance(
  database: Database,
  id: PromptId,
  event: Parameters<typeof advancePrompt>[2],
  changes: Parameters<typeof advancePrompt>[3],
  now: EpochMs,
): Promise<Prompt> {
  return announce(database, () => database.write((db) => advancePrompt(db, id, event, changes, now)))
}

async function control(
  database: Database,
  node: string,
  session: string | null,
  paused: boolean,
  now: EpochMs,
) {
  await announce(database, () =>
    database.write(async (db) => {
      if (session === null)
        await setControls(db, { paused, ...(!paused && { draining: false }), reason: null }, now)
      else await setSessionSettings(db, { node, name: session }, { paused }, now)
    }),
  )
}

/** Wakes whoever waits for news, after the commit. */
async function announce<T>(database: Database, change: () => Promise<T>): Promise<T> {
  const result = await change()
  await database.bus.notify('prompts')
  return result
}
