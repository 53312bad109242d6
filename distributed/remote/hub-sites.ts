import { io } from 'socket.io-client'
import type { Clock } from '../../app/core/clock.ts'
import { AwayError, messageOf } from '../../app/core/errors.ts'
import type { Site, Sites } from '../../app/core/site.ts'
import { assignerProof } from '../hub/assigner-proof.ts'
import type { CallAnswer, CallArgs, CallName } from '../protocol/calls.ts'
import { newsSchema } from '../protocol/news.ts'
import { pack, unpack, type Packed } from '../protocol/packing.ts'
import { assignerNamespace, nodesPath, type AssignerSideSocket } from '../protocol/sockets.ts'
import { understand, type LinkListeners, type NodeLink } from './link.ts'
import { openRemoteSite } from './remote-site.ts'
import type { Rules } from './remote-reader.ts'

export interface HubSitesOptions {
  /** The dashboard of this installation, which may come, go, and come back elsewhere; null while none runs. */
  findHub(): Promise<HubAddress | null>
  secret: Uint8Array
  clock: Clock
  rules: Rules
  log: { warn(data: object, message: string): void }
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
    const socket: AssignerSideSocket = io(new URL(assignerNamespace, url).href, {
      path: nodesPath,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 2_000,
      auth: { proof: assignerProof(this.#options.secret) },
      // Only this very certificate is taken, whatever name it is for.
      ...(ca !== undefined && { ca, checkServerIdentity: () => undefined }),
    })
    socket.on('up', (node) => this.#linkTo(node).up(socket))
    socket.on('down', (node) => this.#links.get(node)?.down())
    socket.on('news', (node, packed, heard) => void this.#hear(node, packed, heard))
    socket.on('disconnect', () => {
      for (const link of this.#links.values()) link.down()
    })
    return socket
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

  async #hear(node: string, packed: Packed, heard: (isHeard: boolean) => void) {
    try {
      await this.#linkTo(node).hear(newsSchema.parse(unpack(packed)))
      heard(true)
    } catch (error) {
      this.#options.log.warn({ node, err: error }, `what a node told was not taken: ${messageOf(error)}`)
      heard(false)
    }
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

  hear(news: Parameters<LinkListeners['onNews']>[0]): Promise<void> {
    return this.#listeners!.onNews(news)
  }
}
