import { timingSafeEqual } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { z } from 'zod'
import { AppError, messageOf } from '../../app/core/errors.ts'
import { nodeFactsSchema, type NodeId } from '../../app/core/node.ts'
import { isPacked, pack, type Packed } from '../protocol/packing.ts'
import { assignerProof } from './assigner-proof.ts'
import type { DirectLinks } from './direct-links.ts'
import {
  assignerNamespace,
  guestNamespace,
  mostWireBytes,
  joinNamespace,
  nodeNamespace,
  nodesPath,
  type AssignerSocket,
  type FromJoining,
  type JoinReply,
  type NodeGreeting,
  type NodeSocket,
  type Report,
  type ReportReply,
} from '../protocol/sockets.ts'

const joinSchema = z.object({
  token: z.string().max(4_000),
  name: z.string().max(200),
  protocol: z.number(),
  agentVersion: z.string().max(200),
  facts: nodeFactsSchema,
})

const greetingSchema = z.object({
  key: z.string().max(200),
  name: z.string().max(200),
  protocol: z.number(),
  agentVersion: z.string().max(200),
  now: z.number(),
  instance: z.string().max(100),
})

/** What the dashboard's records say to a node; each throws what the node is to be told. */
export interface NodeRegistry {
  join(message: z.infer<typeof joinSchema>): Promise<{ name: string; key: string }>
  admit(greeting: NodeGreeting): Promise<{ id: NodeId; name: string }>
  report(id: NodeId, report: Report): Promise<ReportReply>
  /** Its connection ended. `stopped`: its agent was, by somebody there. */
  lost(id: NodeId, how: 'stopped' | 'cut'): Promise<void>
}

export interface NodeHubOptions {
  registry: NodeRegistry
  /** Known to this installation's own processes only. */
  secret: Uint8Array
  /** For this very process, which works with the same nodes. */
  links?: DirectLinks
  log: { info(data: object, message: string): void; warn(data: object, message: string): void }
}

/** Whoever sends no callback waits for no answer, and is no node of ours. */
function isCallback(last: unknown): last is (answer: unknown) => void {
  return typeof last === 'function'
}

/** What a stranger says is any JSON, also an object that can't be made a text. */
const textOf = (said: unknown) => (typeof said === 'string' ? said : '')

/** For an answer that is no message: whoever asked says that it could not be unpacked. */
const notPacked: Packed = ''

/** An end that a cable left behind does not say within this that it is there. */
const aliveWithinMs = 2_000

async function isAnswered(socket: NodeSocket): Promise<boolean> {
  try {
    await socket.timeout(aliveWithinMs).emitWithAck('call', 'time', pack({}))
    return true
  } catch {
    return false // it timed out, or its connection ended meanwhile
  }
}

/** A cable that was pulled is noticed within the sum of both: what waits for an answer hears of it then. */
const pingMs = { every: 7_000, answerWithin: 6_000 }

/**
 * Where nodes connect to, on the dashboard's own port. It keeps nothing: what the assigner asks goes to the node,
 * and what a node tells goes to the assigner, whose word that it was heard goes back.
 */
export class NodeHub implements AsyncDisposable {
  readonly #options: NodeHubOptions
  readonly #io: Server
  readonly #nodes = new Map<string, NodeSocket>()
  /** What was asked of a node and is not answered: told at once when its connection ends. */
  readonly #asked = new Map<NodeSocket, Set<() => void>>()
  #assigner: AssignerSocket | null = null
  /** Each with the node that it wants to ask. */
  readonly #guests = new Map<AssignerSocket, string>()

  constructor(server: HttpServer, options: NodeHubOptions) {
    this.#options = options
    this.#io = new Server(server, {
      path: nodesPath,
      transports: ['websocket'],
      serveClient: false,
      maxHttpBufferSize: mostWireBytes,
      pingInterval: pingMs.every,
      pingTimeout: pingMs.answerWithin,
      // No browser has any business here.
      allowRequest: ({ headers }, decide) => decide(null, headers.origin === undefined),
    })
    this.#takeInNodes()
    this.#admitNodes()
    this.#admitOurs(assignerNamespace, (socket) => this.#welcomeAssigner(socket))
    this.#admitOurs(guestNamespace, (socket) => this.#welcomeGuest(socket))
  }

  /** Names of the nodes that are connected. */
  get connected(): string[] {
    return [...this.#nodes.keys()]
  }

  /** Ends the connection of a node, as after its key was taken away. */
  disconnect(nodeId: NodeId): void {
    for (const socket of this.#nodes.values()) if (socket.data.id === nodeId) socket.disconnect(true)
  }

  /** How often a node shall send samples from now on; one that is not connected hears it with its next report. */
  sampleEvery(nodeId: NodeId, everyMs: number): void {
    for (const socket of this.#nodes.values()) if (socket.data.id === nodeId) socket.emit('sample', everyMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#io.disconnectSockets(true)
    this.#io.engine.close()
  }

  #takeInNodes() {
    this.#io.of(joinNamespace).on('connection', (socket: Socket<FromJoining>) => {
      // Anybody may come here: one question for each connection, and nothing is believed of it.
      socket.once('join', (message: unknown, reply: unknown) => {
        if (isCallback(reply)) void this.#takeIn(message).then(reply)
        else socket.disconnect(true)
      })
    })
  }

  async #takeIn(message: unknown): Promise<JoinReply> {
    try {
      return await this.#options.registry.join(joinSchema.parse(message))
    } catch (error) {
      const refused = error instanceof AppError ? error.message : 'That is no question of a node agent.'
      this.#options.log.info({ reason: messageOf(error) }, 'a node was not let in')
      return { refused }
    }
  }

  #admitNodes() {
    const namespace = this.#io.of(nodeNamespace)
    namespace.use((socket, next) => void this.#admit(socket, next))
    namespace.on('connection', (socket) => this.#welcome(socket as NodeSocket))
  }

  async #admit(socket: Pick<NodeSocket, 'handshake' | 'data'>, next: (refusal?: Error) => void) {
    try {
      const greeting = greetingSchema.safeParse(socket.handshake.auth)
      if (!greeting.success) throw new AppError('invalid', 'That is no greeting of a node agent.')
      const node = await this.#options.registry.admit(greeting.data)
      await this.#requireAlone(node.name, greeting.data.instance)
      socket.data = { ...node, instance: greeting.data.instance }
    } catch (error) {
      return next(new Error(messageOf(error)))
    }
    next()
  }

  /**
   * Throws `conflict` while another agent speaks for that node, as where a disk was copied with its key: two would
   * show out each other for ever. One that does not answer is an end that its cable left behind.
   */
  async #requireAlone(name: string, instance: string) {
    const other = this.#nodes.get(name)
    if (!other || other.data.instance === instance) return
    const answers = await isAnswered(other)
    if (!answers || !other.connected) return
    throw new AppError(
      'conflict',
      `Another machine (${other.handshake.address}) is connected as ${name} with the same key. Stop the node agent ` +
        'on one of them, and invite the one that is not it under a name of its own: ./deploy.sh nodes invite',
    )
  }

  #welcome(socket: NodeSocket) {
    const { id, name } = socket.data
    // Nothing of an earlier connection may arrive behind what this one says.
    this.#nodes.get(name)?.disconnect(true)
    this.#nodes.set(name, socket)
    this.#asked.set(socket, new Set())
    this.#options.log.info({ node: name }, 'a node is connected')
    socket.on('news', (packed, heard: unknown) => {
      const assigner = this.#assigner
      if (!isCallback(heard) || !isPacked(packed)) socket.disconnect(true)
      else if (assigner) assigner.emit('news', name, packed, heard)
      else heard('nobody')
    })
    socket.on('report', (report, reply: unknown) => {
      if (isCallback(reply)) void this.#report(socket, report, reply)
      else socket.disconnect(true)
    })
    socket.on('disconnect', (reason) => {
      for (const unanswered of this.#asked.get(socket) ?? []) unanswered()
      this.#asked.delete(socket)
      if (this.#nodes.get(name) !== socket) return
      this.#nodes.delete(name)
      this.#options.log.info({ node: name, reason }, 'a node is not connected any more')
      this.#assigner?.emit('down', name)
      this.#tellGuests(name, 'down')
      this.#options.links?.down(name)
      void this.#noteLost(id, reason === 'client namespace disconnect' ? 'stopped' : 'cut')
    })
    this.#introduce(name, socket)
    this.#tellGuests(name, 'up')
    this.#options.links?.up(name, (call, packed) => {
      return new Promise((resolve) => this.#ask(name, call, packed, resolve))
    })
  }

  async #noteLost(id: NodeId, how: 'stopped' | 'cut') {
    try {
      await this.#options.registry.lost(id, how)
    } catch (error) {
      this.#options.log.warn({ err: error }, `the end of a connection was not noted: ${messageOf(error)}`)
    }
  }

  async #report(socket: NodeSocket, report: Report, reply: (reply: ReportReply) => void) {
    const { id, name } = socket.data
    try {
      reply(await this.#options.registry.report(id, report))
    } catch (error) {
      this.#options.log.warn({ node: name, err: error }, messageOf(error))
      socket.disconnect(true)
    }
  }

  #admitOurs(name: string, welcome: (socket: AssignerSocket) => void) {
    const namespace = this.#io.of(name)
    const proof = Buffer.from(assignerProof(this.#options.secret))
    namespace.use((socket, next) => {
      const shown = Buffer.from(textOf(socket.handshake.auth['proof']))
      const isOurs = shown.length === proof.length && timingSafeEqual(shown, proof)
      next(isOurs ? undefined : new Error('This is no assigner of this installation.'))
    })
    namespace.on('connection', (socket) => welcome(socket as AssignerSocket))
  }

  /** One at a time: the last one to come is the one that runs. */
  #welcomeAssigner(socket: AssignerSocket) {
    this.#assigner?.disconnect(true)
    this.#assigner = socket
    this.#options.log.info({}, 'the assigner is connected')
    socket.on('call', (node, name, packed, answer) => this.#ask(node, name, packed, answer))
    socket.on('disconnect', () => {
      if (this.#assigner === socket) this.#assigner = null
    })
    for (const [name, node] of this.#nodes) this.#introduce(name, node)
  }

  #welcomeGuest(socket: AssignerSocket) {
    const wanted = textOf(socket.handshake.auth['node'])
    this.#guests.set(socket, wanted)
    socket.on('call', (_node, name, packed, answer) => this.#ask(wanted, name, packed, answer))
    socket.on('disconnect', () => this.#guests.delete(socket))
    if (this.#nodes.has(wanted)) socket.emit('up', wanted)
  }

  #tellGuests(name: string, what: 'up' | 'down') {
    for (const [socket, wanted] of this.#guests) if (wanted === name) socket.emit(what, name)
  }

  /** The assigner hears of the node before anything that the node tells. */
  #introduce(name: string, socket: NodeSocket) {
    if (!this.#assigner) return
    this.#assigner.emit('up', name)
    socket.emit('tell')
  }

  #ask(node: string, name: string, packed: Packed, answer: (packed: Packed | null) => void) {
    const socket = this.#nodes.get(node)
    const asked = socket && this.#asked.get(socket)
    if (!socket || !asked) return answer(null)
    const unanswered = () => answer(null)
    asked.add(unanswered)
    socket.emit('call', name, packed, (said) => {
      if (asked.delete(unanswered)) answer(isPacked(said) ? said : notPacked)
    })
  }
}
