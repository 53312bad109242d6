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
  readonly #listeners = new Set<() => void>()
  #client: pg.Client | null = null
  #slowPoll: NodeJS.Timeout | null = null
  #retry: NodeJS.Timeout | null = null
  #ready: Promise<void> = Promise.resolve()

  constructor(databaseUrl: string, pool: pg.Pool) {
    this.#databaseUrl = databaseUrl
    this.#pool = pool
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
    client.on('error', () => this.#reconnect(client))
    client.on('end', () => this.#reconnect(client))
    this.#client = client
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      this.#wake()
    } catch {
      // The slow poll keeps listeners going; whoever queries is told that the server does not answer.
      this.#reconnect(client)
    }
  }

  #reconnect(client: pg.Client) {
    if (this.#client !== client) return
    this.#client = null
    void client.end().catch(() => undefined)
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
    await client?.end().catch(() => undefined)
  }
}
