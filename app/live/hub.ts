import type { Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import { messageOf } from '../core/errors.ts'
import type { LoggedEvent } from '../core/event.ts'
import { forgetAssigner } from '../http/assigner-runs.ts'
import { currentSnapshot } from '../http/snapshot.ts'
import type { Web } from '../http/web.ts'
import { admitCallers, isOwnOrigin } from './admission.ts'
import { Backlog } from './backlog.ts'
import { Follower } from './follower.ts'
import type { Live } from './live.ts'
import { LogOuts } from './log-outs.ts'
import { NodeFigures } from './nodes/node-figures.ts'
import { QueueNews } from './queue-news.ts'
import { Screens } from './screens/screens.ts'
import type { LiveServer, LiveSocket } from './socket.ts'
import { answerEvents, type SocketEvent } from './socket-event.ts'
import { socketEvents } from './socket-events.ts'
import { EventTail } from './tail.ts'
import { Terminals } from './terminals/terminals.ts'

/** The largest message that a client may send, in bytes: a paste into a terminal comes in pieces. */
const maxMessageBytes = 128 * 1024
/** A client that has not said who it is within this is cut off, in ms. */
const admitWithinMs = 5_000

export interface HubOptions {
  web: Web
  /** What clients may send; everything that is declared, unless told. */
  events?: readonly SocketEvent[]
}

/**
 * The live side of the dashboard on its HTTP server: one tail of the event log and one follower per client,
 * screens of sessions, terminals. Disposing disconnects everybody; they come back by themselves.
 */
export async function openHub(
  server: HttpServer,
  { web, events = socketEvents }: HubOptions,
): Promise<AsyncDisposable> {
  const io = openServer(server)
  admitCallers(io, web)
  const tail = await EventTail.open(web.database, web.log)
  const live = openLive(io, web, tail)
  const logOuts = new LogOuts(io, web)
  const queueNews = new QueueNews(io, web, () => currentSnapshot(web))
  io.on('connection', (socket) => welcome(socket, live, events, queueNews))
  tail.onEvents((news) => {
    if (news.some(({ noun }) => noun === 'assigner')) forgetAssigner(web.config)
    logOuts.notice(news)
    tell(live, news)
    queueNews.notice(news)
  })
  return {
    async [Symbol.asyncDispose]() {
      logOuts[Symbol.dispose]()
      queueNews[Symbol.dispose]()
      live.nodes[Symbol.dispose]()
      io.disconnectSockets(true)
      io.engine.close()
      await tail[Symbol.asyncDispose]()
      await live.terminals[Symbol.asyncDispose]()
      await live.screens[Symbol.asyncDispose]()
    },
  }
}

/** WebSocket only: each connection says its origin, and there is no second transport to guard. */
function openServer(server: HttpServer): LiveServer {
  return new Server(server, {
    transports: ['websocket'],
    serveClient: false,
    connectTimeout: admitWithinMs,
    maxHttpBufferSize: maxMessageBytes,
    allowRequest: (request, decide) =>
      isOwnOrigin(request) ? decide(null, true) : decide('This page belongs to another address.', false),
  })
}

function openLive(io: LiveServer, web: Web, tail: EventTail): Live {
  return {
    web,
    io,
    backlog: new Backlog(tail.cursor),
    screens: new Screens(web),
    nodes: new NodeFigures(web),
    terminals: new Terminals(web),
    pump(socket) {
      socket.data.follower.pump().catch((error: unknown) => {
        web.log.json.error({ err: error }, `a client could not be told: ${messageOf(error)}`)
        socket.disconnect(true)
      })
    },
  }
}

function welcome(socket: LiveSocket, live: Live, events: readonly SocketEvent[], queueNews: QueueNews) {
  socket.data.follower = new Follower(socket, live.backlog, live.web.database.kysely)
  answerEvents(socket, live, events)
  socket.on('follow', () => void queueNews.greet(socket))
  socket.on('disconnect', () => {
    live.screens.forget(socket)
    live.nodes.forget(socket)
    live.terminals.forget(socket)
  })
}

function tell(live: Live, news: readonly LoggedEvent[]) {
  live.backlog.add(news)
  for (const socket of live.io.of('/').sockets.values()) live.pump(socket)
}
