import { z } from 'zod'
import { defineSocketEvent, type SocketEvent } from '../socket-event.ts'

export const nodeSocketEvents: readonly SocketEvent[] = [
  defineSocketEvent({
    name: 'node:watch',
    summary: 'Send the figures of this node each second, instead of those of another; null stops it',
    access: { role: 'viewer', scope: 'read' },
    payload: z.object({ node: z.number().int().positive().nullable() }),
    handle({ payload, socket, live }) {
      live.nodes.watch(socket, payload.node)
    },
  }),
]
