import { io, type Socket } from 'socket.io-client'
import type { EventsMessage } from '../live/follower.ts'
import type { EventMessage } from '../live/topics.ts'
import type { Client, TestDashboard } from './dashboard.ts'
import { patienceMs, waitFor } from './wait-for.ts'

/** A client of the live side, as a browser or a program is one. */
export interface LiveClient extends AsyncDisposable {
  socket: Socket
  /** Sends an event; resolves with the answer, whatever it is. */
  ask<T = unknown>(name: string, payload?: unknown): Promise<T>
  /** Everything that came as `events`, in order. */
  events: EventMessage[]
  /** The cursor of the last message. */
  cursor(): number
  resets: number
  /** Waits until the connection has ended. */
  ended(): Promise<void>
}

interface Options {
  token?: string
  origin?: string
  /** Takes no message of events any more. */
  isSlow?: boolean
}

/** Rejects with what the dashboard said when it lets nobody in. */
export async function connectLive(
  { url }: Pick<TestDashboard, 'url'>,
  client: Partial<Client>,
  { token, origin = url, isSlow = false }: Options = {},
): Promise<LiveClient> {
  const socket = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { Origin: origin, ...(client.cookie && { Cookie: client.cookie }) },
    ...(token !== undefined && { auth: { token } }),
  })
  const live: LiveClient = {
    socket,
    events: [],
    resets: 0,
    cursor: () => cursor,
    ask: (name, payload) => socket.timeout(patienceMs).emitWithAck(name, payload),
    async ended() {
      await waitFor(async () => !socket.connected, 'the end of the connection')
    },
    async [Symbol.asyncDispose]() {
      socket.disconnect()
    },
  }
  let cursor = 0
  socket.on('events', (message: EventsMessage, taken: () => void) => {
    live.events.push(...message.events)
    cursor = message.cursor
    if (message.reset) live.resets += 1
    if (!isSlow) taken()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return live
}
