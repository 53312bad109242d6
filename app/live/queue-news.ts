import { messageOf } from '../core/errors.ts'
import type { LoggedEvent } from '../core/event.ts'
import type { Web } from '../http/web.ts'
import type { LiveServer, LiveSocket } from './socket.ts'

/** A snapshot is made at most this often, in ms. */
const leastMs = 500
/** A client that has not taken a snapshot within this misses the ones in between. */
const takeWithinMs = 10_000

/** Sends `queue_snapshot`, the whole view of the queue, to those who follow the topic of that name. */
export class QueueNews implements Disposable {
  readonly #io: LiveServer
  readonly #web: Web
  readonly #snapshot: () => Promise<unknown>
  /** A snapshot is under way to these, and the queue has changed since to those. */
  readonly #busy = new WeakSet<LiveSocket>()
  readonly #missed = new WeakSet<LiveSocket>()
  #timer: NodeJS.Timeout | null = null
  #lastAt = 0

  constructor(io: LiveServer, web: Web, snapshot: () => Promise<unknown>) {
    this.#io = io
    this.#web = web
    this.#snapshot = snapshot
  }

  notice(events: readonly LoggedEvent[]): void {
    if (events.some(({ noun }) => noun === 'prompt' || noun === 'queue')) this.#schedule()
  }

  /** To one who has just begun to follow. */
  async greet(socket: LiveSocket): Promise<void> {
    await this.#sendTo([socket])
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearTimeout(this.#timer)
  }

  #schedule() {
    const waitMs = Math.max(0, this.#lastAt + leastMs - Date.now())
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#lastAt = Date.now()
      void this.#sendTo([...this.#io.of('/').sockets.values()])
    }, waitMs)
  }

  async #sendTo(sockets: LiveSocket[]) {
    const followers = sockets.filter(isFollower)
    for (const socket of followers) if (this.#busy.has(socket)) this.#missed.add(socket)
    const waiting = followers.filter((socket) => !this.#busy.has(socket))
    if (waiting.length === 0) return
    for (const socket of waiting) this.#busy.add(socket)
    try {
      const snapshot = await this.#snapshot()
      for (const socket of waiting) void this.#send(socket, snapshot)
    } catch (error) {
      for (const socket of waiting) this.#busy.delete(socket)
      this.#web.log.json.warn({ err: error }, `no queue snapshot: ${messageOf(error)}`)
    }
  }

  /** One at a time for each client, so that a slow one gets fewer of them. */
  async #send(socket: LiveSocket, snapshot: unknown) {
    await socket
      .timeout(takeWithinMs)
      .emitWithAck('queue_snapshot', snapshot)
      .catch(() => undefined) // it is slow or gone; the next snapshot tells everything again
    this.#busy.delete(socket)
    if (this.#missed.delete(socket) && socket.connected) this.#schedule()
  }
}

const isFollower = ({ data }: LiveSocket) => data.follower.topics.has('queue_snapshot')
