import type { Clock, EpochMs } from '../../app/core/clock.ts'
import { AppError } from '../../app/core/errors.ts'
import type { Fleet, FleetListeners, LiveSession, PastState } from '../../app/core/fleet.ts'
import { nodeOf, paneKey, type PaneRef } from '../../app/core/host.ts'
import { endsWith } from '../../app/core/signals.ts'
import type { News } from '../protocol/news.ts'
import type { NodeLink } from './link.ts'
import type { NodeTime } from './node-time.ts'

type SessionNews = Extract<News, { type: 'sessions' }>

/** A state that began longer ago than this is told with its own time, and not that of its arrival. */
const lateMs = 10_000

/** The sessions of another node, as that node tells of them: nothing is asked while nothing changes. */
export class RemoteFleet implements Fleet {
  readonly #link: NodeLink
  readonly #time: NodeTime
  readonly #clock: Clock
  readonly #listeners: FleetListeners
  readonly #sessions = new Map<string, LiveSession>()
  readonly #waiters = new Map<string, Set<() => void>>()
  readonly #followed = new Set<string>()
  #awaySince: EpochMs | null

  constructor(link: NodeLink, time: NodeTime, clock: Clock, listeners: FleetListeners) {
    this.#link = link
    this.#time = time
    this.#clock = clock
    this.#listeners = listeners
    this.#awaySince = clock.now()
  }

  get awaySince(): EpochMs | null {
    return this.#awaySince
  }

  get sessions(): LiveSession[] {
    return [...this.#sessions.values()]
  }

  get(key: string): LiveSession | undefined {
    return this.#sessions.get(key)
  }

  find(isIt: (session: LiveSession) => boolean): LiveSession | undefined {
    return this.sessions.find(isIt)
  }

  follow(key: string): void {
    this.#followed.add(key)
    this.#tellFollowed()
  }

  unfollow(key: string): void {
    this.#followed.delete(key)
    this.#tellFollowed()
  }

  async observe(): Promise<void> {}

  async refresh({ server, paneId }: PaneRef): Promise<LiveSession | undefined> {
    const pane = { server, paneId }
    const key = this.#keyOf(pane)
    const asked = this.#clock.now()
    const told = await this.#link.call('refresh', pane)
    if (told && told.key !== key) throw this.#notItsOwn(told.key)
    if (told) {
      await this.#time.keepUp(this.#link, told.at, asked)
      return this.#take(this.#time.session(this.#own(told)))
    }
    this.#forget(key)
    return undefined
  }

  async next(key: string, timeoutMs: number, signal: AbortSignal): Promise<LiveSession | undefined> {
    using waiting = endsWith(signal)
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiting.end))
    await this.#clock.sleep(timeoutMs, waiting.signal)
    waiters.delete(waiting.end)
    if (waiters.size === 0) this.#waiters.delete(key)
    return this.#sessions.get(key)
  }

  /** Which states they have had meanwhile, to be heard before `hear`. Throws `forbidden` as that does. */
  async hearPast(news: SessionNews): Promise<void> {
    for (const { key } of news.past) if (nodeOf(key) !== this.#link.node) throw this.#notItsOwn(key)
    const past = news.past.map((one) => this.#time.past(one))
    const current = currentOf(news)
    const now = this.#clock.now()
    // What a session is now is stored with the session: most of the time there is nothing else to write.
    const isNews = past.some(({ at }, index) => !current.has(printOf(news.past[index]!)) || now - at > lateMs)
    if (isNews) await this.#listeners.onPast?.(past)
  }

  /**
   * The node tells of its sessions; after a connection first of all of them, which ends being away. Throws
   * `forbidden` for one that is not its own, and takes nothing.
   */
  hear({ all, changed, gone }: Omit<SessionNews, 'past'>): void {
    const told = changed.map((session) => this.#time.session(this.#own(session)))
    for (const key of gone) if (nodeOf(key) !== this.#link.node) throw this.#notItsOwn(key)
    if (all) {
      const keys = new Set(told.map(({ key }) => key))
      for (const key of this.#sessions.keys()) if (!keys.has(key)) this.#forget(key)
    }
    for (const key of gone) this.#forget(key)
    for (const session of told) this.#take(session)
    if (!all || this.#awaySince === null) return
    this.#awaySince = null
    this.#tellFollowed()
    this.#listeners.onReturn?.()
  }

  /** Whoever waits for a session hears that it can't be seen. */
  lose(): void {
    this.#awaySince ??= this.#clock.now()
    for (const key of this.#waiters.keys()) this.#wake(key)
  }

  #own(session: LiveSession): LiveSession {
    if (session.key !== this.#keyOf(session.pane)) throw this.#notItsOwn(session.key)
    return session
  }

  #keyOf(pane: PaneRef): string {
    return `${this.#link.node}/${paneKey(pane)}`
  }

  #notItsOwn(key: string): AppError {
    return new AppError('forbidden', `${this.#link.node} spoke of ${key}, which is no pane of its own.`)
  }

  #take(session: LiveSession): LiveSession {
    this.#sessions.set(session.key, session)
    this.#listeners.onChange(session)
    this.#wake(session.key)
    return session
  }

  #forget(key: string) {
    const session = this.#sessions.get(key)
    if (!session) return
    this.#sessions.delete(key)
    this.#listeners.onGone(session)
    this.#wake(key)
  }

  /** Told again with each connection. Where it does not arrive, or is refused, sessions are seen later: no harm. */
  #tellFollowed() {
    if (this.#awaySince !== null) return
    this.#link.call('follow', { keys: [...this.#followed] }).catch(() => undefined)
  }

  #wake(key: string) {
    for (const wake of this.#waiters.get(key) ?? []) wake()
  }
}

function currentOf({ changed, gone }: SessionNews): Set<string> {
  const present = changed.map(({ key, reading, since }) => printOf({ key, ...reading, at: since }))
  return new Set([...present, ...gone.map((key) => printOf({ key, state: 'gone', generation: null, at: 0 }))])
}

function printOf({ key, at, state, generation }: Pick<PastState, 'key' | 'at' | 'state' | 'generation'>) {
  return JSON.stringify(state === 'gone' ? [key, state] : [key, at, state, generation])
}
