import { z } from 'zod'
import { defineSocketEvent, type SocketEvent } from '../socket-event.ts'

const viewing = { role: 'viewer', scope: 'read' } as const
const typing = { role: 'operator', scope: 'sessions' } as const

/** The client's own number of a terminal. */
const terminal = z.int().min(0).max(1_000_000)
/** Longer pastes come in pieces. */
const mostKeys = 32 * 1024
const mostHistory = 10_000

export const terminalEvents: readonly SocketEvent[] = [
  defineSocketEvent({
    name: 'terminal:open',
    summary: 'Show a session in a terminal, read-only',
    access: viewing,
    payload: z.object({ terminal, session: z.string().min(1).max(300) }),
    handle: ({ payload, socket, live }) => live.terminals.open(socket, payload.terminal, payload.session),
  }),
  defineSocketEvent({
    name: 'terminal:ack',
    summary: 'So many characters of output were drawn',
    access: viewing,
    payload: z.object({ terminal, characters: z.int().min(0) }),
    handle({ payload, socket, live }) {
      live.terminals.acknowledge(socket, payload.terminal, payload.characters)
    },
  }),
  defineSocketEvent({
    name: 'terminal:keys',
    summary: 'Type; takes the session from automation until it is released or nothing was typed for 30 s',
    access: typing,
    payload: z.object({ terminal, keys: z.string().min(1).max(mostKeys) }),
    handle: ({ payload, socket, live }) => live.terminals.type(socket, payload.terminal, payload.keys),
  }),
  defineSocketEvent({
    name: 'terminal:release',
    summary: 'Give the session back to automation',
    access: typing,
    payload: z.object({ terminal }),
    handle: ({ payload, socket, live }) => live.terminals.release(socket, payload.terminal),
  }),
  defineSocketEvent({
    name: 'terminal:fit',
    summary: "Make the session's window as large as this terminal, for everybody; null gives its size back",
    access: typing,
    payload: z.object({
      terminal,
      size: z.object({ columns: z.int().min(20).max(500), rows: z.int().min(5).max(300) }).nullable(),
    }),
    handle: ({ payload, socket, live }) => live.terminals.fit(socket, payload.terminal, payload.size),
  }),
  defineSocketEvent({
    name: 'terminal:history',
    summary: 'The last lines of the scrollback, as text',
    access: viewing,
    payload: z.object({ terminal, lines: z.int().min(1).max(mostHistory).default(2_000) }),
    async handle({ payload, socket, live }) {
      return { text: await live.terminals.history(socket, payload.terminal, payload.lines) }
    },
  }),
  defineSocketEvent({
    name: 'terminal:close',
    summary: 'Look no more',
    access: viewing,
    payload: z.object({ terminal }),
    handle: ({ payload, socket, live }) => live.terminals.close(socket, payload.terminal),
  }),
]
