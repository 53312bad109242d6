import { z } from 'zod'
import { defineSocketEvent, type SocketEvent } from './socket-event.ts'
import { topics } from './topics.ts'

/** Following the event log. */
export const followEvents: readonly SocketEvent[] = [
  defineSocketEvent({
    name: 'follow',
    summary: 'Send events of these topics, from a cursor on; without one, from now on',
    access: { role: 'viewer', scope: 'read' },
    payload: z.object({
      topics: z.array(z.enum(topics)).max(topics.length),
      cursor: z.int().min(0).nullish(),
    }),
    handle({ payload, socket, live }) {
      const cursor = socket.data.follower.follow(payload.topics, payload.cursor ?? null)
      live.pump(socket)
      return { cursor }
    },
  }),
]
