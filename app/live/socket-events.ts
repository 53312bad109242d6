import { followEvents } from './follow-events.ts'
import { nodeSocketEvents } from './nodes/node-events.ts'
import { screenEvents } from './screens/screen-events.ts'
import type { SocketEvent } from './socket-event.ts'
import { terminalEvents } from './terminals/terminal-events.ts'

/** Everything that clients may send over a socket; what is not here is refused. */
export const socketEvents: readonly SocketEvent[] = [
  ...followEvents,
  ...screenEvents,
  ...nodeSocketEvents,
  ...terminalEvents,
]
