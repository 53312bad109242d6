import { renderAge } from '../../app/core/age.ts'
import type { Clock, EpochMs } from '../../app/core/clock.ts'
import { AwayError } from '../../app/core/errors.ts'
import { understand, type LinkListeners, type NodeLink } from '../remote/link.ts'
import type { CallAnswer, CallArgs, CallName } from '../protocol/calls.ts'
import { pack, type Packed } from '../protocol/packing.ts'

/** Asks a node over its connection; null: that ended before it was answered. */
type Ask = (name: string, packed: Packed) => Promise<Packed | null>

/** The ways to all nodes for the process that they are connected to. */
export class DirectLinks {
  readonly #clock: Clock
  readonly #links = new Map<string, DirectLink>()
  readonly #upListeners = new Set<(node: string) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The same one each time; `seenAt`: when a node was heard last that has not been connected here yet. */
  to(node: string, seenAt: EpochMs = this.#clock.now()): DirectLink {
    const link = this.#links.get(node) ?? new DirectLink(node, this.#clock, seenAt)
    this.#links.set(node, link)
    return link
  }

  /** Whether it has been connected here. */
  has(node: string): boolean {
    return this.#links.has(node)
  }

  up(node: string, ask: Ask): void {
    this.to(node).up(ask)
    for (const tell of this.#upListeners) tell(node)
  }

  down(node: string): void {
    this.to(node).down()
  }

  /** Told of each node that can be heard again, or for the first time. Returns the way to stop. */
  onUp(listener: (node: string) => void): () => void {
    this.#upListeners.add(listener)
    return () => this.#upListeners.delete(listener)
  }
}

/** The way to one node, without a network of its own. */
export class DirectLink implements NodeLink {
  readonly node: string
  readonly #clock: Clock
  #ask: Ask | null = null
  #awaySince: EpochMs
  #listeners: LinkListeners | null = null

  constructor(node: string, clock: Clock, seenAt: EpochMs) {
    this.node = node
    this.#clock = clock
    this.#awaySince = seenAt
  }

  get isUp(): boolean {
    return this.#ask !== null
  }

  /** null while it can be heard. */
  get awaySince(): EpochMs | null {
    return this.#ask ? null : this.#awaySince
  }

  listen(listeners: LinkListeners): void {
    this.#listeners = listeners
    if (this.#ask) listeners.onUp()
  }

  async call<Name extends CallName>(name: Name, args: CallArgs<Name>): Promise<CallAnswer<Name>> {
    const packed = this.#ask && (await this.#ask(name, pack(args)))
    if (packed === null) throw this.#isAway()
    return understand(this.node, name, packed)
  }

  up(ask: Ask): void {
    this.down()
    this.#ask = ask
    this.#listeners?.onUp()
  }

  down(): void {
    if (this.#ask === null) return
    this.#ask = null
    this.#awaySince = this.#clock.now()
    this.#listeners?.onDown()
  }

  #isAway(): AwayError {
    const since = renderAge(this.#awaySince, this.#clock.now())
    const how = since === 'now' ? 'has just gone away' : `has been away for ${since}`
    return new AwayError(
      `${this.node} ${how}. Its sessions can be reached again when its node agent is back.`,
    )
  }
}
