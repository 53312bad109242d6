import { io } from 'socket.io-client'
import type { Clock } from '../../app/core/clock.ts'
import { AwayError, messageOf } from '../../app/core/errors.ts'
import type { Site, Sites } from '../../app/core/site.ts'
import { assignerProof } from '../hub/assigner-proof.ts'
import { valueOf } from '../protocol/answers.ts'
import { calls, type CallAnswer, type CallArgs, type CallName } from '../protocol/calls.ts'
import { newsSchema } from '../protocol/news.ts'
import { pack, unpack, type Packed } from '../protocol/packing.ts'
import { assignerNamespace, nodesPath, type AssignerSideSocket } from '../protocol/sockets.ts'
import type { LinkListeners, NodeLink } from './link.ts'
import { openRemoteSite } from './remote-site.ts'
import type { Rules } from './remote-reader.ts'

export interface HubSitesOptions {
  /** The dashboard of this installation. */
  url: string
  secret: Uint8Array
  /** Its certificate, where it is one of its own making. */
  ca?: string
  clock: Clock
  rules: Rules
  log: { warn(data: object, message: string): void }
}

/** The nodes that are connected to the dashboard, as the assigner reaches them. */
export class HubSites implements Sites, AsyncDisposable {
  readonly #options: HubSitesOptions
  readonly #socket: AssignerSideSocket
  readonly #links = new Map<string, HubLink>()
  readonly #sites: Site[] = []
  #listener: ((site: Site) => void) | null = null

  constructor(options: HubSitesOptions) {
    this.#options = options
    const { url, secret, ca } = options
    this.#socket = io(new URL(assignerNamespace, url).href, {
      path: nodesPath,
      transports: ['websocket'],
      reconnectionDelay: 200,
      reconnectionDelayMax: 2_000,
      auth: { proof: assignerProof(secret) },
      ...(ca !== undefined && { ca }),
    })
    this.#socket.on('up', (node) => this.#linkTo(node).up())
    this.#socket.on('down', (node) => this.#links.get(node)?.down())
    this.#socket.on('news', (node, packed, heard) => void this.#hear(node, packed, heard))
    this.#socket.on('disconnect', (reason) => {
      for (const link of this.#links.values()) link.down()
      if (reason === 'io server disconnect') setTimeout(() => this.#socket.connect(), 2_000).unref()
    })
  }

  onJoin(listener: (site: Site) => void): void {
    this.#listener = listener
    for (const site of this.#sites) listener(site)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.disconnect()
    for (const link of this.#links.values()) link.down()
  }

  #linkTo(node: string): HubLink {
    const known = this.#links.get(node)
    if (known) return known
    const link = new HubLink(node, this.#socket)
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
  readonly #socket: AssignerSideSocket
  readonly #asked = new Set<() => void>()
  #listeners: LinkListeners | null = null
  #isUp = false

  constructor(node: string, socket: AssignerSideSocket) {
    this.node = node
    this.#socket = socket
  }

  get isUp(): boolean {
    return this.#isUp
  }

  listen(listeners: LinkListeners): void {
    this.#listeners = listeners
  }

  async call<Name extends CallName>(name: Name, args: CallArgs<Name>): Promise<CallAnswer<Name>> {
    const packed = await this.#ask(name, pack(args))
    if (packed === null) throw new AwayError(`${this.node} can't be heard.`)
    return calls[name].answer.parse(valueOf(unpack(packed))) as CallAnswer<Name>
  }

  /** null: the connection ended before it was answered. */
  #ask(name: string, packed: Packed): Promise<Packed | null> {
    if (!this.#isUp) return Promise.resolve(null)
    return new Promise((resolve) => {
      const cut = () => resolve(null)
      this.#asked.add(cut)
      this.#socket.emit('call', this.node, name, packed, (answer) => {
        this.#asked.delete(cut)
        resolve(answer)
      })
    })
  }

  /** Also a node that comes back before its going was told. */
  up(): void {
    this.down()
    this.#isUp = true
    this.#listeners?.onUp()
  }

  down(): void {
    if (!this.#isUp) return
    this.#isUp = false
    for (const cut of this.#asked) cut()
    this.#asked.clear()
    this.#listeners?.onDown()
  }

  hear(news: Parameters<LinkListeners['onNews']>[0]): Promise<void> {
    return this.#listeners!.onNews(news)
  }
}
