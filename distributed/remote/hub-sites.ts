import { io } from 'socket.io-client'
import type { Clock } from '../../app/core/clock.ts'
import { AppError, AwayError, isAppError, messageOf } from '../../app/core/errors.ts'
import type { Site, Sites } from '../../app/core/site.ts'
import { assignerProof } from '../hub/assigner-proof.ts'
import type { CallAnswer, CallArgs, CallName } from '../protocol/calls.ts'
import { unlessLate } from '../protocol/late-answer.ts'
import { newsSchema, type News } from '../protocol/news.ts'
import { pack, unpack, type Packed } from '../protocol/packing.ts'
import {
  assignerNamespace,
  guestNamespace,
  nodesPath,
  type AssignerSideSocket,
  type Heard,
} from '../protocol/sockets.ts'
import { understand, type LinkListeners, type NodeLink } from './link.ts'
import { openRemoteSite } from './remote-site.ts'
import type { Rules } from './remote-reader.ts'

export interface HubSitesOptions {
  /** The assigner hears what all nodes tell, and there is one; any number of others ask one node something. */
  as: 'assigner' | { guestOf: string }
  /** The dashboard of this installation, which may come, go, and come back elsewhere; null while none runs. */
  findHub(): Promise<HubAddress | null>
  secret: Uint8Array
  clock: Clock
  rules: Rules
  log: { info(data: object, message: string): void; warn(data: object, message: string): void }
}

export interface HubAddress {
  url: string
  /** Its certificate in PEM, where it is one of its own making. */
  ca?: string
}

/** Looks for the dashboard this often while there is no connection, in ms. */
const findEveryMs = 1_000

/** The nodes that are connected to the dashboard, as the assigner reaches them. */
export class HubSites implements Sites, AsyncDisposable {
  readonly #options: HubSitesOptions
  readonly #links = new Map<string, HubLink>()
  readonly #finding: NodeJS.Timeout
  #hub: (HubAddress & { socket: AssignerSideSocket }) | null = null
  readonly #sites: Site[] = []
  #listener: ((site: Site) => void) | null = null
  #isOver = false

  constructor(options: HubSitesOptions) {
    this.#options = options
    void this.#find()
    this.#finding = setInterval(() => void this.#find(), findEveryMs)
  }

  onJoin(listener: (site: Site) => void): void {
    this.#listener = listener
    for (const site of this.#sites) listener(site)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearInterval(this.#finding)
    this.#leave()
  }

  /** One that restarts may be elsewhere. */
  async #find() {
    if (this.#hub?.socket.connected === true) return
    const found = await this.#lookForHub()
    if (this.#isOver || found === null || (found.url === this.#hub?.url && found.ca === this.#hub.ca)) return
    this.#leave()
    this.#hub = { ...found, socket: this.#connect(found) }
  }

  async #lookForHub(): Promise<HubAddress | null> {
    try {
      return await this.#options.findHub()
    } catch (error) {
      this.#options.log.warn({ err: error }, `the dashboard was not found: ${messageOf(error)}`)
      return null
    }
  }

  #leave() {
    this.#hub?.socket.disconnect()
    this.#hub = null
    for (const link of this.#links.values()) link.down()
  }

  #connect({ url, ca }: HubAddress): AssignerSideSocket {
    const { as, secret } = this.#options
    const proof = assignerProof(secret)
    const [namespace, auth] =
      as === 'assigner' ? [assignerNamespace, { proof }] : [guestNamespace, { proof, node: as.guestOf }]
    const socket: AssignerSideSocket = io(new URL(namespace, url).href, {
      path: nodesPath,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 2_000,
      auth,
      // Only this very certificate is taken, whatever name it is for.
      ...(ca !== undefined && { ca, checkServerIdentity: () => undefined }),
    })
    socket.on('up', (node) => this.#linkTo(node).up(socket))
    socket.on('down', (node) => this.#links.get(node)?.down())
    socket.on('news', (node, packed, heard) => void this.#hear(node, packed).then(unlessLate(socket, heard)))
    const { log } = this.#options
    socket.on('connect', () => log.info({ url }, 'nodes are heard through the dashboard'))
    socket.on('disconnect', (reason) => {
      for (const link of this.#links.values()) link.down()
      this.#leaveIfOver(socket, reason)
    })
    socket.on('connect_error', (error) => this.#leaveIfOver(socket, error.message))
    return socket
  }

  /** What ended or refused a connection for good, as a dashboard that stops does: it is looked for anew. */
  #leaveIfOver(socket: AssignerSideSocket, reason: string) {
    if (socket.active || this.#hub?.socket !== socket) return
    this.#options.log.info({ reason }, 'the dashboard lets no nodes be heard; it is asked again')
    this.#leave()
  }

  #linkTo(node: string): HubLink {
    const known = this.#links.get(node)
    if (known) return known
    const link = new HubLink(node)
    this.#links.set(node, link)
    const { clock, rules } = this.#options
    const site = openRemoteSite(link, clock, rules)
    this.#sites.push(site)
    this.#listener?.(site)
    return link
  }

  async #hear(node: string, packed: Packed): Promise<Heard> {
    const warn = (error: unknown) =>
      this.#options.log.warn({ node, err: error }, `what ${node} told was not taken: ${messageOf(error)}`)
    const news = newsOf(packed)
    if (news instanceof Error) {
      warn(news)
      return 'refused'
    }
    try {
      await this.#linkTo(node).hear(news)
      return 'taken'
    } catch (error) {
      warn(error)
      return isAppError(error, 'forbidden') ? 'refused' : 'later'
    }
  }
}

/** The fault where it is no news of a node. */
function newsOf(packed: Packed): News | Error {
  try {
    return newsSchema.parse(unpack(packed))
  } catch (error) {
    return new AppError('invalid', `it can't be read: ${messageOf(error)}`, { cause: error })
  }
}

class HubLink implements NodeLink {
  readonly node: string
  readonly #asked = new Set<() => void>()
  #listeners: LinkListeners | null = null
  /** null while the node can't be heard. */
  #socket: AssignerSideSocket | null = null

  constructor(node: string) {
    this.node = node
  }

  get isUp(): boolean {
    return this.#socket !== null
  }

  listen(listeners: LinkListeners): void {
    this.#listeners = listeners
  }

  async call<Name extends CallName>(name: Name, args: CallArgs<Name>): Promise<CallAnswer<Name>> {
    const packed = await this.#ask(name, pack(args))
    if (packed === null) throw new AwayError(`${this.node} can't be heard.`)
    return understand(this.node, name, packed)
  }

  /** null: the connection ended before it was answered. */
  #ask(name: string, packed: Packed): Promise<Packed | null> {
    const socket = this.#socket
    if (socket === null) return Promise.resolve(null)
    return new Promise((resolve) => {
      const cut = () => resolve(null)
      this.#asked.add(cut)
      socket.emit('call', this.node, name, packed, (answer) => {
        this.#asked.delete(cut)
        resolve(answer)
      })
    })
  }

  /** Also a node that comes back before its going was told. */
  up(socket: AssignerSideSocket): void {
    this.down()
    this.#socket = socket
    this.#listeners?.onUp()
  }

  down(): void {
    if (this.#socket === null) return
    this.#socket = null
    for (const cut of this.#asked) cut()
    this.#asked.clear()
    this.#listeners?.onDown()
  }

  hear(news: News): Promise<void> {
    return this.#listeners!.onNews(news)
  }
}
