import { z } from 'zod'
import type { TimedUsage } from '../../core/usage.ts'
import { addUsage } from '../../db/usage.ts'
import { logsBody, metricsBody, usageOfLogs, usageOfMetrics } from '../otlp.ts'
import { defineRoute, type Route } from '../route.ts'
import type { Caller } from '../caller.ts'
import type { Web } from '../web.ts'

/** Where OpenTelemetry exporters send, below the address that they are given; a session's token opens it. */
const shared = { method: 'post', tag: 'Agents', access: 'session' } as const

const reply = z.object({
  partialSuccess: z.object({ rejectedDataPoints: z.number(), errorMessage: z.string() }).optional(),
})

export const telemetryRoutes: readonly Route[] = [
  defineRoute({
    ...shared,
    path: '/v1/metrics',
    summary: "An agent's own tokens and costs (OTLP/HTTP, JSON)",
    body: metricsBody,
    reply,
    async handle({ web, body, caller }) {
      const { told, refused } = usageOfMetrics(body)
      await keep(web, caller, told)
      if (refused === 0) return {}
      const errorMessage = 'Only sums with delta temporality are taken.'
      return { partialSuccess: { rejectedDataPoints: refused, errorMessage } }
    },
  }),
  defineRoute({
    ...shared,
    path: '/v1/logs',
    summary: "An agent's own events: requests to its model, and those that failed (OTLP/HTTP, JSON)",
    body: logsBody,
    reply,
    async handle({ web, body, caller }) {
      await keep(web, caller, usageOfLogs(body, web.clock.now()))
      return {}
    },
  }),
]

async function keep({ database }: Web, caller: Caller | null, told: TimedUsage[]) {
  const session = caller!.agent!
  if (told.length > 0) await database.write((db) => addUsage(db, session, told))
}
