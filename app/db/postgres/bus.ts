import pg from 'pg'
import type { Bus, Topic } from '../../core/bus.ts'

export const channel = 'architect'

/** A notification can be lost with its connection: listeners are woken at least this often. */
const slowPollMs = 2_000
/** Pause before a broken connection is opened anew. */
const reconnectMs = 500

/** One LISTEN connection per process, opened with the first listener. Payloads are empty: the truth is in the tables. */
export class PostgresBus implements Bus {
  readonly #databaseUrl: string
  readonly #pool: pg.Pool
  readonly #onFault: (error: unknown) => void
  readonly #listeners = new Set<() => void>()
  #client: pg.Client | null = null
  #slowPoll: NodeJS.Timeout | null = null
  #retry: NodeJS.Timeout | null = null
  #ready: Promise<void> = Promise.resolve()
  #isBroken = false

  /** `onFault` is told why nobody is woken at once any more, once until they are again. */
  constructor(databaseUrl: string, pool: pg.Pool, onFault: (error: unknown) => void) {
    this.#databaseUrl = databaseUrl
    this.#pool = pool
    this.#onFault = onFault
  }

  async notify(_topic: Topic): Promise<void> {
    await this.#pool.query('select pg_notify($1, $2)', [channel, ''])
  }

  subscribe(listener: () => void): () => void {
    const own = () => listener()
    this.#listeners.add(own)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) void this.#stop()
    }
  }

  async [Symbol.asyncDispose]() {
    this.#listeners.clear()
    await this.#stop()
  }

  #start() {
    this.#slowPoll = setInterval(() => this.#wake(), slowPollMs)
    this.#slowPoll.unref()
    this.#ready = this.#ready.then(() => this.#connect())
  }

  #wake() {
    for (const listener of this.#listeners) setImmediate(listener)
  }

  async #connect() {
    if (this.#client || this.#listeners.size === 0) return
    const client = new pg.Client({ connectionString: this.#databaseUrl, connectionTimeoutMillis: 10_000 })
    client.on('notification', () => this.#wake())
    client.on('error', (error) => this.#reconnect(client, error))
    client.on('end', () => this.#reconnect(client, new Error('The server ended the connection.')))
    this.#client = client
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      this.#isBroken = false
      this.#wake()
    } catch (error) {
      this.#reconnect(client, error)
    }
  }

  /** Meanwhile the slow poll keeps listeners going. */
  #reconnect(client: pg.Client, cause: unknown) {
    if (this.#client !== client) return
    this.#client = null
    this.#sayBroken(cause)
    void this.#end(client)
    if (this.#listeners.size === 0) return
    this.#retry = setTimeout(() => {
      this.#ready = this.#ready.then(() => this.#connect())
    }, reconnectMs)
    this.#retry.unref()
  }

  async #stop() {
    if (this.#slowPoll) clearInterval(this.#slowPoll)
    if (this.#retry) clearTimeout(this.#retry)
    this.#slowPoll = this.#retry = null
    await this.#ready
    if (this.#listeners.size > 0) return
    const client = this.#client
    this.#client = null
    if (client) await this.#end(client)
  }

  async #end(client: pg.Client) {
    try {
      await client.end()
    } catch (error) {
      this.#sayBroken(error)
    }
  }

  #sayBroken(error: unknown) {
    if (!this.#isBroken) this.#onFault(error)
    this.#isBroken = true
  }
}
