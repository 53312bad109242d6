import { z } from 'zod'
import { submit } from '../../broker/commands.ts'
import { requireSession } from '../../broker/named-session.ts'
import type { SessionRow } from '../../broker/session-view.ts'
import { AppError, isAppError } from '../../core/errors.ts'
import type { NewPrompt, PromptId } from '../../core/prompt.ts'
import { maxPriority, minPriority } from '../../core/queue.ts'
import { toJson } from '../../json.ts'
import { defineRoute, type Route } from '../route.ts'
import { pageOf } from '../schemas/list.ts'
import { sessionSchema } from '../schemas/session.ts'
import { sessionName } from '../schemas/tmux.ts'
import type { Web } from '../web.ts'
import { sessionsNow } from './assigner/sessions.ts'

/*
 * Agents are spoken to with prompts, which wait in the queue until the agent can take them and are proved to
 * arrive. Keys are never typed into them from here.
 */

const tag = 'Agents'
const steering = { role: 'operator', scope: 'prompts' } as const

const listRoute = defineRoute({
  method: 'get',
  path: '/api/agents',
  tag,
  summary: 'Agents at work, all kinds',
  access: { role: 'viewer', scope: 'read' },
  reply: pageOf(sessionSchema),
  handle: async ({ web }) => ({ items: toJson(await agentsNow(web)), next_cursor: null }),
})

/** As `POST /api/assigner/send` calls it, or as it is called where agents are spoken to. */
const words = z.string().max(4_194_304)
const message = { content: words.optional(), message: words.optional() }

function wordsOf({
  content,
  message: other,
}: {
  content?: string | undefined
  message?: string | undefined
}) {
  const said = content ?? other
  if (said === undefined) throw new AppError('invalid', 'content: what shall be said?')
  return said
}

const priority = z.number().int().min(minPriority).max(maxPriority).default(0)

/** Past the rules of the hierarchy. */
const force = z.boolean().optional()

const sendRoute = defineRoute({
  method: 'post',
  path: '/api/agents/send',
  tag,
  summary: 'Queue a message for one agent; it is delivered when the agent can take it, never typed over it',
  access: steering,
  body: z.strictObject({ session: sessionName, ...message, priority, force }),
  reply: z.object({ success: z.literal(true), prompt_id: z.number(), session: z.string() }),
  async handle({ web, body }) {
    const session = await requireSession(web.database, web, body.session)
    const { priority, force = false } = body
    const input = { content: wordsOf(body), priority, target: { session }, kind: 'message', force }
    const { prompt } = await submit(web.database, input, web.clock.now())
    return { success: true as const, prompt_id: prompt.id, session }
  },
})

const broadcastRoute = defineRoute({
  method: 'post',
  path: '/api/agents/broadcast',
  tag,
  summary: 'Queue the same message for every agent, or for those of a kind, tier or tag; one prompt each',
  access: steering,
  body: z.strictObject({
    ...message,
    priority,
    force,
    agent: z.string().min(1).max(100).optional().describe('agent kind'),
    tier: z.enum(['high_level', 'manager', 'worker']).optional(),
    tag: z.string().min(1).max(100).optional(),
  }),
  reply: z.object({
    success: z.literal(true),
    prompt_ids: z.array(z.number()),
    sessions: z.array(z.string()),
    refused: z
      .array(z.object({ session: z.string(), reason: z.string() }))
      .describe('those that the rules of the hierarchy keep it from'),
  }),
  async handle({ web, body }) {
    const sessions = (await agentsNow(web)).filter((row) => isMeant(row, body))
    if (sessions.length === 0)
      throw new AppError('conflict', 'No agent session fits; GET /api/agents lists them.')
    const content = wordsOf(body)
    const names = sessions.map((row) => exactName(row, sessions))
    const { priority, force = false } = body
    const told = await broadcast(web, names, { content, priority, kind: 'message', force })
    if (told.sent.length === 0) throw new AppError('forbidden', told.refused[0]!.reason)
    return {
      success: true as const,
      prompt_ids: told.sent.map(({ id }) => id),
      sessions: told.sent.map(({ session }) => session),
      refused: told.refused,
    }
  },
})

/** One prompt for each session that may be sent to. */
async function broadcast(web: Web, sessions: string[], input: NewPrompt) {
  const sent: { session: string; id: PromptId }[] = []
  const refused: { session: string; reason: string }[] = []
  for (const session of sessions) {
    try {
      const { prompt } = await submit(web.database, { ...input, target: { session } }, web.clock.now())
      sent.push({ session, id: prompt.id })
    } catch (error) {
      if (!isAppError(error, 'forbidden')) throw error
      refused.push({ session, reason: error.message })
    }
  }
  return { sent, refused }
}

export const agentRoutes: readonly Route[] = [listRoute, sendRoute, broadcastRoute]

async function agentsNow(web: Web): Promise<SessionRow[]> {
  const rows = await sessionsNow(web)
  return rows.filter(({ agent, state }) => agent !== null && state !== 'gone' && state !== 'not_agent')
}

interface Wish {
  agent?: string | undefined
  tier?: string | undefined
  tag?: string | undefined
}

/** Ignored sessions are none of our business, and who is paused shall not be waited for. */
function isMeant({ agent, settings }: SessionRow, wish: Wish): boolean {
  if (settings?.ignored || settings?.paused) return false
  if (wish.agent !== undefined && wish.agent !== agent) return false
  if (wish.tier !== undefined && wish.tier !== (settings?.tier ?? 'worker')) return false
  return wish.tag === undefined || (settings?.tags.includes(wish.tag) ?? false)
}

/** A name that means this session alone: its own where no other has it, otherwise with window, pane and node. */
function exactName({ key, name, node, address }: SessionRow, all: SessionRow[]): string {
  const isShared = all.some((other) => other.key !== key && other.name === name)
  return isShared ? `${node}/${address}` : name
}
