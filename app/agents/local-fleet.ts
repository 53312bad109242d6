import type { AgentReader, SessionReading } from '../core/agent.ts'
import type { Clock, EpochMs } from '../core/clock.ts'
import { isAppError } from '../core/errors.ts'
import type { Fleet, FleetListeners, LiveSession } from '../core/fleet.ts'
import { paneKey, type Look, type Pane, type PaneRef, type SessionHost, type Sweep } from '../core/host.ts'
import { endsWith } from '../core/signals.ts'

/** What it takes to see sessions. */
export interface Eyes {
  host: SessionHost
  reader: AgentReader
  clock: Clock
  log: { warn(data: object, message: string): void }
}

/** A screen may be unchanged while a status file, a limit or the clock is not: read again after this. */
const rereadAfterMs = 30_000
/** A reading this young may still be half-way between two states. */
const unsettledMs = 2_500
/** An agent that ends redraws its pane; one in a quiet pane is only asked for this often. */
const quietProcessMs = 30_000
/** A hung tmux answers again within this, or it is taken for dead. */
const silentForMs = 15_000
/** Busy becomes idle only when idle has lasted this long: screens flicker between two tools of a turn. */
export const idleHoldMs = 300
/** …and this long while a hook's turn is open: a screen that draws nothing while it works is not idle. */
const openTurnHoldMs = 1_000

/** The sessions of the host beside us, kept up to date by `observe`. */
export class LocalFleet implements Fleet {
  readonly #tools: Eyes
  readonly #sessions = new Map<string, LiveSession>()
  readonly #waiters = new Map<string, Set<() => void>>()
  readonly #onChange: (session: LiveSession) => void
  readonly #onGone: (session: LiveSession) => void
  readonly #followed = new Set<string>()
  readonly awaySince = null

  #answeredAt: EpochMs
  /** It was said that tmux does not answer. */
  #isSilent = false

  constructor(tools: Eyes, listeners: FleetListeners) {
    this.#tools = tools
    this.#answeredAt = tools.clock.now()
    this.#onChange = listeners.onChange
    this.#onGone = listeners.onGone
  }

  get sessions(): LiveSession[] {
    return [...this.#sessions.values()]
  }

  get(key: string): LiveSession | undefined {
    return this.#sessions.get(key)
  }

  follow(key: string): void {
    this.#followed.add(key)
  }

  unfollow(key: string): void {
    this.#followed.delete(key)
  }

  find(isIt: (session: LiveSession) => boolean): LiveSession | undefined {
    return this.sessions.find(isIt)
  }

  /** A host without tmux has no sessions. */
  async observe(): Promise<void> {
    const swept = await this.#sweep()
    if (!swept) return this.#noticeSilence()
    this.#answeredAt = this.#tools.clock.now()
    this.#isSilent = false
    const { panes, changed } = swept
    const present = new Set(panes.map((pane) => this.#keyOf(pane)))
    for (const session of this.sessions) if (!present.has(session.key)) this.#forget(session)
    for (const look of changed) await this.#read(look)
    for (const pane of panes) await this.#follow(pane)
    await this.#rereadOldest()
  }

  async refresh(pane: PaneRef): Promise<LiveSession | undefined> {
    try {
      return await this.#read(await this.#tools.host.look(pane))
    } catch (error) {
      if (!isAppError(error, 'not_found')) throw error
      const session = this.#sessions.get(this.#keyOf(pane))
      if (session) this.#forget(session)
      return undefined
    }
  }

  async next(key: string, timeoutMs: number, signal: AbortSignal): Promise<LiveSession | undefined> {
    using waiting = endsWith(signal)
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiting.end))
    await this.#tools.clock.sleep(timeoutMs, waiting.signal)
    waiters.delete(waiting.end)
    if (waiters.size === 0) this.#waiters.delete(key)
    return this.#sessions.get(key)
  }

  /** A tmux that stays silent is gone, and with it everything in it. */
  #noticeSilence() {
    if (this.#tools.clock.now() - this.#answeredAt < silentForMs) return
    for (const session of this.sessions) this.#forget(session)
  }

  /** null: tmux did not answer this time, which says nothing about any session. */
  async #sweep(): Promise<Sweep | null> {
    try {
      return await this.#tools.host.sweep((pane) => this.#mayHoldAgent(pane))
    } catch (error) {
      if (!isAppError(error, 'unavailable')) throw error
      if (!this.#isSilent) this.#tools.log.warn({ reason: error.message }, 'tmux can not be looked at')
      this.#isSilent = true
      return null
    }
  }

  /** Asked of panes that can have changed: one without an agent is not captured, and its session is over. */
  #mayHoldAgent(pane: Pane): boolean {
    const isAgent = this.#tools.reader.mayHoldAgent(pane)
    const session = this.#sessions.get(this.#keyOf(pane))
    if (session && !isAgent) this.#forget(session)
    return isAgent
  }

  /** Files and processes change without a redraw, and an agent that ended leaves its pane behind. */
  async #follow(pane: Pane) {
    const session = this.#sessions.get(this.#keyOf(pane))
    if (!session) return
    const now = this.#tools.clock.now()
    const unsettled = session.reading.state === 'busy' || now - session.since < unsettledMs
    const followed = this.#followed.has(session.key)
    const restsMs = followed || unsettled ? 0 : quietProcessMs
    if (now - session.aliveAt >= restsMs && !this.#tools.reader.mayHoldAgent(pane))
      return this.#forget(session)
    if (now - session.aliveAt >= restsMs) session.aliveAt = now
    session.pane = pane
    // Its idle screen was seen once and may never change again, so that no sweep would read it a second time.
    const isHeld = session.reading.state === 'busy' && session.quietSince !== null
    if (!followed && !isHeld) return
    const dueMs = unsettled ? idleHoldMs : 1_000
    if (now - session.at >= dueMs) await this.refresh(pane)
  }

  /** Of the sessions that nobody follows, the one that was read longest ago: many quiet panes cost no more than few. */
  async #rereadOldest() {
    let oldest: LiveSession | null = null
    for (const session of this.#sessions.values()) {
      if (oldest === null || session.at < oldest.at) oldest = session
    }
    if (oldest && this.#tools.clock.now() - oldest.at >= rereadAfterMs) await this.refresh(oldest.pane)
  }

  async #read(look: Look): Promise<LiveSession | undefined> {
    const reading = this.#tools.reader.read(look)
    const key = this.#keyOf(look)
    const before = this.#sessions.get(key)
    if (reading.agent === null || reading.state === 'not_agent') {
      if (before) this.#forget(before)
      return undefined
    }
    const dialog = this.#tools.reader.readDialog(look, reading)
    const session = { ...nextSession(key, look, reading, before), dialog }
    this.#sessions.set(key, session)
    this.#onChange(session)
    this.#wake(key)
    return session
  }

  #forget(session: LiveSession) {
    this.#sessions.delete(session.key)
    this.#onGone(session)
    this.#wake(session.key)
  }

  #wake(key: string) {
    for (const wake of this.#waiters.get(key) ?? []) wake()
  }

  #keyOf(pane: PaneRef): string {
    return `${this.#tools.host.node}/${paneKey(pane)}`
  }
}

/** Applies hysteresis: until idle has lasted for `idleHoldMs` after busy, the session counts as busy. */
function nextSession(
  key: string,
  look: Look,
  reading: SessionReading,
  before: LiveSession | undefined,
): Omit<LiveSession, 'dialog'> {
  const sameAgent = before?.reading.generation === reading.generation
  const isQuiet = reading.state === 'idle' || reading.state === 'error'
  const quietSince = isQuiet ? ((sameAgent ? before?.quietSince : null) ?? look.at) : null
  const wasBusy = sameAgent && before?.reading.state === 'busy'
  const holdMs = reading.turnOpen === true ? openTurnHoldMs : idleHoldMs
  const held = wasBusy && quietSince !== null && look.at - quietSince < holdMs
  const settled: SessionReading = held ? { ...reading, state: 'busy', acceptsPrompt: false } : reading
  const unchanged = sameAgent && before?.reading.state === settled.state
  return {
    key,
    pane: look,
    reading: settled,
    at: look.at,
    aliveAt: look.at,
    since: unchanged ? before.since : look.at,
    quietSince,
  }
}
