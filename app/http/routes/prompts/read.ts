import { z } from 'zod'
import { parseCursor, queueItem, queueSnapshot, queueStatuses } from '../../../broker/snapshot.ts'
import { threadOf } from '../../../broker/thread.ts'
import { isAppError } from '../../../core/errors.ts'
import { nodeOf, paneOf } from '../../../core/host.ts'
import { attemptsOf, lastAttempt } from '../../../db/attempts.ts'
import { getPrompt } from '../../../db/prompts.ts'
import { toJson } from '../../../json.ts'
import { paneText } from '../../pane-text.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams, limitSchema, severalOf } from '../../schemas/list.ts'
import { queueItemWithAttempts, snapshotSchema } from '../../schemas/queue.ts'
import type { Web } from '../../web.ts'

const tag = 'Prompts (Nightshift)'
const access = { role: 'viewer', scope: 'read' } as const

const listRoute = defineRoute({
  method: 'get',
  path: '/api/prompts',
  tag,
  summary: 'The queue from its head: what waits, what runs, what is over',
  access,
  query: z.object({
    status: severalOf(queueStatuses).describe('only these, separated by commas'),
    project_id: z.string().min(1).max(200).optional(),
    limit: limitSchema,
    cursor: z
      .string()
      .refine((cursor) => parseCursor(cursor) !== null, { error: 'is none of ours' })
      .optional(),
  }),
  reply: snapshotSchema,
  async handle({ web, query }) {
    const { status, project_id, limit, cursor } = query
    const snapshot = await queueSnapshot(web.database.kysely, {
      limit,
      ...(status && status.length > 0 && { statuses: status }),
      ...(project_id !== undefined && { projectId: project_id }),
      ...(cursor !== undefined && { after: cursor }),
    })
    return toJson(snapshot)
  },
})

const getRoute = defineRoute({
  method: 'get',
  path: '/api/prompts/:id',
  tag,
  summary: 'One prompt, each of its attempts as a thread',
  access,
  params: idParams,
  reply: queueItemWithAttempts,
  async handle({ web, params }) {
    const db = web.database.kysely
    const prompt = await getPrompt(db, params.id)
    const attempts = await attemptsOf(db, params.id)
    const threads = attempts.map((attempt) => threadOf(prompt, attempt))
    return { ...toJson(await queueItem(db, prompt)), attempts: toJson(threads) }
  },
})

const outputRoute = defineRoute({
  method: 'get',
  path: '/api/prompts/:id/output',
  tag,
  summary: 'What its session shows while it runs; its answer afterwards',
  access,
  params: idParams,
  query: z.object({ lines: z.coerce.number().int().min(1).max(5_000).default(200) }),
  reply: z.object({
    id: z.number(),
    live: z.boolean().describe('the session works on it now'),
    session: z.string().nullable(),
    attempt: z.number().nullable(),
    output: z.string(),
  }),
  async handle({ web, params, query }) {
    const prompt = await getPrompt(web.database.kysely, params.id)
    const attempt = await lastAttempt(web.database.kysely, params.id)
    const screen = attempt?.outcome === null ? await screenOf(web, attempt.sessionKey, query.lines) : null
    return {
      id: prompt.id,
      live: screen !== null,
      session: attempt?.sessionName ?? null,
      attempt: attempt?.number ?? null,
      output: screen ?? attempt?.answer ?? '',
    }
  },
})

/** null: the pane is gone, or its node is away. */
async function screenOf({ sites }: Web, sessionKey: string, lines: number): Promise<string | null> {
  const site = sites.find(nodeOf(sessionKey))
  if (!site) return null
  try {
    return await paneText(site.host, paneOf(sessionKey), lines)
  } catch (error) {
    if (isAppError(error, 'not_found') || isAppError(error, 'unavailable')) return null
    throw error
  }
}

export const readRoutes: readonly Route[] = [listRoute, getRoute, outputRoute]
