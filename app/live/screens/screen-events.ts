import { z } from 'zod'
import { defineSocketEvent, type SocketEvent } from '../socket-event.ts'

/** One client watches so many at most: a wall of thumbnails, not a fleet. */
const mostWatched = 200

export const screenEvents: readonly SocketEvent[] = [
  defineSocketEvent({
    name: 'screens:watch',
    summary:
      'Send the screens of these sessions whenever they change, instead of those before; none stops it',
    access: { role: 'viewer', scope: 'read' },
    payload: z.object({ sessions: z.array(z.string().max(300)).max(mostWatched) }),
    handle({ payload, socket, live }) {
      live.screens.watch(socket, payload.sessions)
    },
  }),
]
