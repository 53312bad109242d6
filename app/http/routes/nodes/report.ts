import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { nodeStates } from '../../../core/node.ts'
import { getNodeByWord } from '../../../db/node/read.ts'
import { noteHeartbeat } from '../../../nodes/hearing.ts'
import { prometheusText } from '../../../nodes/prometheus.ts'
import { sampleOf, scriptHeartbeatSchema } from '../../../nodes/script-heartbeat.ts'
import { OwnAnswer } from '../../own-answer.ts'
import { defineRoute, type Route } from '../../route.ts'
import { nodeParams } from './words.ts'

const heartbeatRoute = defineRoute({
  method: 'post',
  path: '/api/nodes/:id/heartbeat',
  tag: 'Nodes',
  summary: 'A machine says that it lives, and how it is doing; with its own key, for itself',
  access: 'node',
  params: nodeParams,
  body: scriptHeartbeatSchema.optional(),
  reply: z.object({
    success: z.literal(true),
    state: z.enum(nodeStates),
    /** When the next one is expected. */
    next_in_seconds: z.number(),
    offline_after_seconds: z.number(),
  }),
  async handle({ web, params, body, caller }) {
    const own = caller!.node!
    const named = await getNodeByWord(web.database.kysely, params.id)
    if (named.id !== own.id) {
      throw new AppError('forbidden', `That is the key of ${own.name}: it can't speak for ${named.name}.`)
    }
    const sample = sampleOf(body ?? {}, web.clock.now())
    const { intervalMs, lifetimeMs } = await noteHeartbeat(web.nodes, own.id, {
      ...(sample && { samples: [sample] }),
    })
    return {
      success: true as const,
      state: 'online' as const,
      next_in_seconds: intervalMs / 1000,
      offline_after_seconds: Math.round(lifetimeMs / 1000),
    }
  },
})

const prometheusRoute = defineRoute({
  method: 'get',
  path: '/metrics',
  tag: 'Nodes',
  summary: 'Everything that can be counted, in the words of Prometheus (text format 0.0.4)',
  access: { role: 'viewer', scope: 'read' },
  reply: z.string(),
  async handle({ web }) {
    const text = await prometheusText(web)
    return new OwnAnswer((_request, response) => {
      response.type('text/plain; version=0.0.4; charset=utf-8').send(text)
      return Promise.resolve()
    })
  },
})

export const reportNodeRoutes: readonly Route[] = [heartbeatRoute, prometheusRoute]
