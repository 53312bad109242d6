import type { Web } from '../http/web.ts'
import type { Backlog } from './backlog.ts'
import type { NodeFigures } from './nodes/node-figures.ts'
import type { Screens } from './screens/screens.ts'
import type { LiveServer, LiveSocket } from './socket.ts'
import type { Terminals } from './terminals/terminals.ts'

/** What the handlers of sockets work with. */
export interface Live {
  web: Web
  io: LiveServer
  backlog: Backlog
  screens: Screens
  nodes: NodeFigures
  terminals: Terminals
  /** Sends a client what is new for it. */
  pump(socket: LiveSocket): void
}
