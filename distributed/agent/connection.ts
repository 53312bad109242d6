import { randomUUID } from 'node:crypto'
import type { Clock } from '../../app/core/clock.ts'
import { nodeProtocol } from '../../app/core/node.ts'
import { unlessLate } from '../protocol/late-answer.ts'
import type { News } from '../protocol/news.ts'
import { pack, type Packed } from '../protocol/packing.ts'
import {
  nodeNamespace,
  nodesPath,
  type Heard,
  type NodeGreeting,
  type NodeSideSocket,
} from '../protocol/sockets.ts'
import { io } from 'socket.io-client'
import type { CallDesk } from './answer-calls.ts'
import type { Here } from './here.ts'
import { NewsRefused, type Outbox, type Send } from './outbox.ts'
import type { SessionNews } from './session-news.ts'
import { whyNotConnected } from './why-not-connected.ts'

export interface Membership {
  /** The dashboard's address. */
  url: string
  name: string
  key: string
  agentVersion: string
  /** The dashboard's certificate in PEM, where it is one of its own making. */
  ca?: string
}

export interface ConnectionParts {
  here: Here
  calls: CallDesk
  sessions: SessionNews
  outbox: Outbox
  /** Told with each connection, and why there is none. */
  onUp(): void
  onDown(reason: string): void
}

/** How long it waits before it tries again: many nodes must not come back in the same second. */
const againMs = { least: 500, most: 10_000, jitter: 0.5 }
/** News that could not be taken are told again after so long: at first soon, then ever more seldom. */
const tellAgainMs = { least: 200, most: 10_000 }

/** Keeps this node connected: outgoing only, over any number of cuts. */
export function connectNode(membership: Membership, parts: ConnectionParts): NodeSideSocket {
  const { url, ca } = membership
  const instance = randomUUID()
  const socket: NodeSideSocket = io(new URL(nodeNamespace, url).href, {
    path: nodesPath,
    transports: ['websocket'],
    reconnectionDelay: againMs.least,
    reconnectionDelayMax: againMs.most,
    randomizationFactor: againMs.jitter,
    auth: (say) => say({ ...greetingOf(membership, parts.here), instance }),
    // What was meant for a connection that ended is decided anew, never sent late.
    retries: 0,
    ...(ca !== undefined && { ca, checkServerIdentity: () => undefined }),
  })
  let listening = new AbortController()
  const endListening = () => {
    listening.abort()
    parts.outbox.close()
    parts.sessions.tellTo(null)
  }
  socket.on('tell', () => {
    endListening()
    listening = new AbortController()
    const send = sendOver(socket, parts.here.clock, listening.signal)
    parts.outbox.open(send)
    parts.sessions.tellTo(send)
  })
  socket.on('call', (name, packed, answer) => {
    const reply = unlessLate(socket, answer)
    void parts.calls.answer(name, packed).then((said) => reply(pack(said)))
  })
  socket.on('connect', () => parts.onUp())
  socket.on('disconnect', (reason) => {
    endListening()
    void parts.calls.endConnection()
    parts.onDown(reason)
    // The dashboard ended it, which socket.io takes for good.
    if (reason === 'io server disconnect') connectAgain(socket)
  })
  socket.on('connect_error', (error) => {
    parts.onDown(whyNotConnected(error))
    // Refused, not cut off: what is wrong may be put right meanwhile.
    if (!socket.active) connectAgain(socket)
  })
  return socket
}

function greetingOf(
  { key, name, agentVersion }: Membership,
  { clock }: Here,
): Omit<NodeGreeting, 'instance'> {
  return { key, name, agentVersion, protocol: nodeProtocol, now: clock.now() }
}

/** At a moment of its own: a dashboard that stops ends all of its nodes' connections in the same one. */
function connectAgain(socket: NodeSideSocket) {
  const { least, most } = againMs
  setTimeout(() => socket.connect(), least + Math.random() * (most - least)).unref()
}

/** One listener: rejects when its connection ends, when another one listens, or when it is there no more. */
function sendOver(socket: NodeSideSocket, clock: Clock, signal: AbortSignal): Send {
  return async (news: News) => {
    const packed = pack(news)
    for (let waitMs = tellAgainMs.least; ; waitMs = Math.min(2 * waitMs, tellAgainMs.most)) {
      const heard = await tellOnce(socket, packed, signal)
      if (heard === 'taken') return
      if (heard === 'refused') throw new NewsRefused()
      if (heard === 'nobody') throw new Error('nobody listens')
      await clock.sleep(waitMs, signal)
    }
  }
}

function tellOnce(socket: NodeSideSocket, packed: Packed, signal: AbortSignal): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('nobody listens any more'))
    if (signal.aborted) return fail()
    signal.addEventListener('abort', fail, { once: true })
    socket.emit('news', packed, (heard) => {
      signal.removeEventListener('abort', fail)
      resolve(heard)
    })
  })
}
