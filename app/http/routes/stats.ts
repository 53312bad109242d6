import { z } from 'zod'
import type { EpochMs } from '../../core/clock.ts'
import { promptStates } from '../../core/prompt.ts'
import { sessionStates } from '../../core/session.ts'
import { endedPerSlot, oldestWaiting, spentPerSlot } from '../../db/figures.ts'
import { promptCounts } from '../../db/prompts.ts'
import { countSessions } from '../../db/sessions.ts'
import { usagePerSession } from '../../db/usage.ts'
import { toJson } from '../../json.ts'
import { packageVersion } from '../../version.ts'
import { defineRoute, type Route } from '../route.ts'

const dayMs = 86_400_000

const usageSchema = z.object({
  session: z.string(),
  node: z.string(),
  day: z.number().describe('midnight UTC, epoch ms'),
  model: z.string(),
  tokens_in: z.number(),
  tokens_out: z.number(),
  cache_read: z.number(),
  cache_write: z.number(),
  cost_usd: z.number(),
  requests: z.number(),
  errors: z.number(),
})

const daySchema = z.object({
  from: z.number().describe('epoch ms'),
  completed: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  tokens: z.number(),
  cost_usd: z.number(),
})

export const statsRoute: Route = defineRoute({
  method: 'get',
  path: '/api/stats',
  tag: 'System',
  summary: 'The figures of the dashboard: queue, sessions, and what came out and what it cost, day by day',
  access: { role: 'viewer', scope: 'read' },
  query: z.object({
    days: z.coerce.number().int().min(1).max(90).default(7).describe('24-hour days up to now'),
  }),
  reply: z.object({
    version: z.string(),
    up_since: z.number(),
    prompts: z.record(z.enum(promptStates), z.number()),
    sessions: z.partialRecord(z.enum(sessionStates), z.number()),
    oldest_waiting_since: z.number().nullable(),
    days: z.array(daySchema).describe('the oldest first; the last one ends now'),
    session_usage: z.array(usageSchema).describe('as the agents count it themselves, the newest day first'),
  }),
  async handle({ web, query }) {
    const db = web.database.kysely
    const since = web.clock.now() - query.days * dayMs
    const [prompts, sessions, oldest, ended, spent, usage] = await Promise.all([
      promptCounts(db),
      countSessions(db),
      oldestWaiting(db),
      endedPerSlot(db, since, dayMs),
      spentPerSlot(db, since, dayMs),
      usagePerSession(db, since),
    ])
    return {
      version: packageVersion(),
      up_since: web.startedAt,
      prompts,
      sessions,
      oldest_waiting_since: oldest,
      session_usage: usage.map(({ name: session, ...rest }) => ({ session, ...toJson(rest) })),
      days: Array.from({ length: query.days }, (_, slot) => dayOf(slot, since, ended, spent)),
    }
  },
})

function dayOf(
  slot: number,
  since: EpochMs,
  ended: Awaited<ReturnType<typeof endedPerSlot>>,
  spent: Awaited<ReturnType<typeof spentPerSlot>>,
) {
  const count = (state: string) =>
    ended.find((each) => each.slot === slot && each.state === state)?.count ?? 0
  const ours = spent.filter((each) => each.slot === slot)
  return {
    from: since + slot * dayMs,
    completed: count('completed'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    tokens: ours.reduce((sum, { tokens }) => sum + tokens, 0),
    cost_usd: ours.reduce((sum, { costUsd }) => sum + costUsd, 0),
  }
}
