import type { SessionRow } from '../../broker/session-view.ts'
import type { SessionChanges } from '../../broker/session-settings.ts'
import { AppError } from '../../core/errors.ts'
import type { LoggedEvent } from '../../core/event.ts'
import type { NewPrompt, Prompt } from '../../core/prompt.ts'
import type { Controls } from '../../db/controls.ts'
import type { ListedPrompt } from '../../db/prompt/row.ts'
import type { SessionSettings } from '../../db/session-settings.ts'
import { statusSchema } from '../../http/schemas/status.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { ShownAttempt } from '../../broker/shown-attempt.ts'
import type { Asked } from '../../broker/delegation/escalate.ts'
import type { PromptTree } from '../../broker/delegation/tree.ts'
import type { Desk } from './desk.ts'

/** How long an answer about news may be held back, in seconds; the other side allows 25. */
const newsWithinSeconds = 20

/** Works on another machine's dashboard, over its HTTP interface. */
export function remoteDesk(dashboard: Dashboard): Desk {
  const get = dashboard.get.bind(dashboard)
  const send = dashboard.send.bind(dashboard)
  const steer = async (id: number, word: string, body: object = {}) =>
    promptOf(await send<Changed>('POST', `/api/assigner/prompts/${id}/${word}`, body))
  const review = async (id: number, decision: string, comment: string | null) =>
    promptOf(await send<Changed>('POST', `/api/prompts/${id}/review`, { decision, comment }))
  const control = async (word: string, session: string | null) =>
    (await send<{ session: string | null }>('POST', `/api/assigner/${word}`, { session })).session
  return {
    where: dashboard.url,
    isRemote: true,
    startHint: `No assigner runs at ${dashboard.url}; ./deploy.sh starts it on that machine.`,
    async submit(input) {
      const body = bodyOf(input)
      const { prompt, created } = await send<Changed & { created: boolean }>(
        'POST',
        '/api/assigner/send',
        body,
      )
      return { prompt: fromJson<Prompt>(prompt), created }
    },
    prompt: async (id) => promptOf(await get<Changed>(`/api/assigner/prompts/${id}`)),
    attempts: async (id) =>
      fromJson<ShownAttempt[]>((await get<Shown>(`/api/assigner/prompts/${id}`)).attempt_list),
    async prompts({ states, sessionName, limit, before }) {
      const items: ListedPrompt[] = []
      // The other side gives so many at a time.
      for (let cursor = before ?? null; ;) {
        const page: Page<Json<ListedPrompt>> = await get('/api/assigner/prompts', {
          limit: Math.min(pageSize, limit - items.length),
          ...(states && { status: states.join(',') }),
          ...(sessionName !== undefined && { session: sessionName }),
          ...(cursor !== null && { cursor }),
        })
        items.push(...fromJson<ListedPrompt[]>(page.items))
        cursor = page.next_cursor
        if (cursor === null || items.length >= limit) return { items, nextCursor: cursor }
      }
    },
    async figures() {
      const status = figuresSchema.parse(await get('/api/assigner/status'))
      const { assigner, dashboard: there, controls, stats, oldest_waiting_since: oldest } = status
      const { pid, started_at: startedAt, version } = assigner
      return {
        dashboard: {
          running: true,
          pid: there.pid,
          startedAt: there.started_at,
          version: there.version,
          address: dashboard.url,
        },
        assigner:
          pid === null || startedAt === null
            ? { running: false }
            : { running: true, pid, startedAt, version: version ?? '' },
        controls: fromJson<Controls>(controls),
        prompts: stats,
        oldestWaitingSince: oldest,
      }
    },
    assignerRuns: async () => figuresSchema.parse(await get('/api/assigner/status')).assigner.running,
    cancel: async (id) => promptOf(await send<Changed>('DELETE', `/api/assigner/prompts/${id}`)),
    retry: (id) => steer(id, 'retry'),
    retryAll: async () =>
      (await send<{ prompt_ids: number[] }>('POST', '/api/assigner/retry-all', {})).prompt_ids,
    reassign: (id, session, force) =>
      steer(id, 'reassign', { target_session: session, force: force ?? false }),
    accept: (id, comment) => review(id, 'accept', comment),
    sendBack: (id, comment) => review(id, 'send_back', comment),
    async escalate(id, question, to) {
      const body = { question, ...(to && { to }) }
      const { success: _, ...asked } = await send<Json<Asked> & { success: true }>(
        'POST',
        `/api/prompts/${id}/escalate`,
        body,
      )
      return fromJson<Asked>(asked)
    },
    tree: async (id) => fromJson<PromptTree>(await get<Json<PromptTree>>(`/api/prompts/${id}/tree`)),
    interrupt: (id) => steer(id, 'interrupt'),
    approve: (id) => steer(id, 'approve'),
    reject: (id) => steer(id, 'reject'),
    resolve: (id, as) => steer(id, 'resolve', { as }),
    suspend: (id, { summary, requiresFollowUp }) =>
      steer(id, 'suspend', { summary, requires_follow_up: requiresFollowUp }),
    clear: async (filter) => (await send<{ deleted: number }>('POST', '/api/assigner/clear', filter)).deleted,
    pause: (session) => control('pause', session),
    resume: (session) => control('resume', session),
    drain: async () => void (await send('POST', '/api/assigner/drain', {})),
    sessions: async () =>
      fromJson<SessionRow[]>((await get<Page<Json<SessionRow>>>('/api/assigner/sessions')).items),
    async changeSession(wanted, changes) {
      const body = { session: wanted, ...changesOf(changes) }
      const { settings } = await send<{ settings: Json<SessionSettings> }>(
        'PATCH',
        '/api/tmux/sessions/settings',
        body,
      )
      return fromJson<SessionSettings>(settings)
    },
    // The other side looks when the name is used.
    requireSession: (wanted) => Promise.resolve(wanted),
    endOfLog: async () => (await get<{ cursor: number }>('/api/events')).cursor,
    follow: (cursor, signal, about) => follow(dashboard, cursor, signal, about ?? {}),
  }
}

interface News {
  items: Json<LoggedEvent>[]
  cursor: number
  /** Something was missed. */
  reset: boolean
}

interface Changed {
  prompt: Json<Prompt>
}

interface Shown {
  attempt_list: Json<ShownAttempt[]>
}

interface Page<Item> {
  items: Item[]
  next_cursor: number | null
}

const pageSize = 200

/** What is needed of it; counted by states, whose names are no field names. */
const figuresSchema = statusSchema.pick({
  assigner: true,
  dashboard: true,
  controls: true,
  stats: true,
  oldest_waiting_since: true,
})

function promptOf({ prompt }: Changed): Prompt {
  return fromJson<Prompt>(prompt)
}

function bodyOf(input: NewPrompt): object {
  const { target = {}, notBefore, expiresAt, idempotencyKey, followUpOf, agentCommand, ...rest } = input
  const { timeoutMinutes, maxRetries, ...plain } = rest
  const targetFields = Object.entries(target).map(([field, value]) => [`target_${field}`, value])
  return {
    ...plain,
    ...Object.fromEntries(targetFields),
    timeout_minutes: timeoutMinutes,
    max_retries: maxRetries,
    not_before: notBefore,
    expires_at: expiresAt,
    idempotency_key: idempotencyKey,
    follow_up_of: followUpOf,
    agent_command: agentCommand,
  }
}

function changesOf({ addTags, removeTags, ...plain }: SessionChanges): object {
  return { ...plain, add_tags: addTags, remove_tags: removeTags }
}

async function* follow(
  dashboard: Dashboard,
  from: number,
  signal: AbortSignal,
  { noun, nounId }: { noun?: LoggedEvent['noun']; nounId?: string },
): AsyncGenerator<LoggedEvent> {
  const about = { ...(noun && { noun }), ...(nounId !== undefined && { noun_id: nounId }) }
  let cursor = from
  while (!signal.aborted) {
    const query = { after: cursor, wait: newsWithinSeconds, ...about }
    const page = await dashboard.news<News>(query, signal)
    if (page === null) return
    if (page.reset) {
      const sentence = `The log of ${dashboard.url} does not go back to where this was; ask again.`
      throw new AppError('conflict', sentence)
    }
    yield* fromJson<LoggedEvent[]>(page.items)
    cursor = page.cursor
  }
}
