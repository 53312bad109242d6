import type { Server, Socket } from 'socket.io'
import type { Caller } from '../http/caller.ts'
import type { EventsMessage, Follower } from './follower.ts'
import type { NodeSampleMessage } from './nodes/node-figures.ts'
import type { ScreensMessage } from './screens/screens.ts'
import type { TerminalData, TerminalEnd, TerminalState } from './terminals/viewer.ts'

/** What is known of a connected client. */
export interface SocketData {
  /** Who it is, as of the last check. */
  caller: Caller
  follower: Follower
}

/** The client answers when it has taken a message; the next one is made then. */
type Taken = (answer?: unknown) => void

/** Everything that is sent to clients. */
export interface Sent {
  events: (message: EventsMessage, taken: Taken) => void
  queue_snapshot: (snapshot: unknown, taken: Taken) => void
  screens: (message: ScreensMessage, taken: Taken) => void
  'node:sample': (message: NodeSampleMessage) => void
  'terminal:data': (message: TerminalData) => void
  'terminal:state': (message: TerminalState) => void
  'terminal:end': (message: TerminalEnd) => void
  /** The login that the socket came in by is over. */
  ended: (message: object) => void
}

/** What clients send is declared in `socket-events.ts` and checked there. */
type Received = Record<string, (...values: unknown[]) => void>

export type LiveSocket = Socket<Received, Sent, Record<string, never>, SocketData>
export type LiveServer = Server<Received, Sent, Record<string, never>, SocketData>
