import { LocalFleet } from '../../app/agents/local-fleet.ts'
import type { SessionReading } from '../../app/core/agent.ts'
import { messageOf } from '../../app/core/errors.ts'
import type { LiveSession } from '../../app/core/fleet.ts'
import type { PaneRef } from '../../app/core/host.ts'
import { endsWith } from '../../app/core/signals.ts'
import type { News } from '../protocol/news.ts'
import type { Here } from './here.ts'
import { NewsRefused, type Send } from './outbox.ts'
import { PastStates } from './past-states.ts'

/** Looks are this far apart while a session is followed, while one works, and while all are quiet, in ms. */
const followedPeriodMs = 150
const watchPeriodMs = 300
const quietPeriodMs = 2_500

/** Looks at this node's sessions, and tells what changed: first of all of them, then of those that did. */
export class SessionNews {
  readonly #here: Here
  readonly #fleet: LocalFleet
  readonly #prints = new Map<string, string>()
  readonly #changed = new Set<string>()
  readonly #gone = new Set<string>()
  #followed: ReadonlySet<string> = new Set()
  #send: Send | null = null
  readonly #past = new PastStates()
  #sending = false
  #telling: Promise<void> = Promise.resolve()
  #hasLooked = false
  #wake: () => void = () => undefined

  constructor(here: Here) {
    this.#here = here
    this.#fleet = new LocalFleet(here, {
      onChange: (session) => this.#noteChange(session),
      onGone: (session) => this.#noteGone(session),
    })
  }

  /** Looks until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#fleet.observe()
        this.#noteFirstLook()
      } catch (error) {
        this.#here.log.error({ err: error }, `a look failed: ${messageOf(error)}`)
      }
      using waking = endsWith(signal)
      this.#wake = waking.end
      await this.#here.clock.sleep(this.#periodMs, waking.signal)
    }
  }

  /** Somebody listens from now on, instead of whoever did, and hears of everything; null: nobody does. */
  tellTo(send: Send | null): void {
    this.#send = send
    this.#sending = false
    this.#changed.clear()
    this.#gone.clear()
    if (send && this.#hasLooked) this.#tellAll(send)
  }

  /** Resolves when nothing is being told; what is ends with its connection. */
  async settled(): Promise<void> {
    await this.#telling
  }

  get all(): readonly LiveSession[] {
    return this.#fleet.sessions
  }

  follow(keys: string[]): void {
    const before = this.#followed
    this.#followed = new Set(keys)
    for (const key of before) if (!this.#followed.has(key)) this.#fleet.unfollow(key)
    for (const key of this.#followed) this.#fleet.follow(key)
    this.#wake()
  }

  refresh(pane: PaneRef): Promise<LiveSession | undefined> {
    return this.#fleet.refresh(pane)
  }

  readingOf(generation: string): SessionReading | undefined {
    return this.#fleet.find(({ reading }) => reading.generation === generation)?.reading
  }

  get #periodMs(): number {
    if (this.#followed.size > 0) return followedPeriodMs
    const isAnyBusy = this.#fleet.sessions.some(({ reading }) => reading.state === 'busy')
    return isAnyBusy ? watchPeriodMs : quietPeriodMs
  }

  /** Before it nothing is told: sessions that were not seen yet would count as gone. */
  #noteFirstLook() {
    if (this.#hasLooked) return
    this.#hasLooked = true
    if (this.#send) this.#tellAll(this.#send)
  }

  #tellAll(send: Send) {
    this.#changed.clear()
    this.#gone.clear()
    this.#telling = this.#tell(send, { all: true, changed: this.#fleet.sessions, gone: [] })
  }

  #noteChange(session: LiveSession) {
    this.#past.note(session)
    const print = printOf(session)
    if (this.#prints.get(session.key) === print) return
    this.#prints.set(session.key, print)
    this.#gone.delete(session.key)
    this.#changed.add(session.key)
    this.#tellNext()
  }

  #noteGone(session: LiveSession) {
    const { key } = session
    this.#past.noteGone(session, this.#here.clock.now())
    this.#prints.delete(key)
    this.#changed.delete(key)
    this.#gone.add(key)
    this.#tellNext()
  }

  /** One message at a time: what changes meanwhile is told in the next one, as it is then. */
  #tellNext() {
    if (!this.#send || !this.#hasLooked || this.#sending || this.#changed.size + this.#gone.size === 0) return
    const changed = [...this.#changed].flatMap((key) => this.#fleet.get(key) ?? [])
    const gone = [...this.#gone]
    this.#changed.clear()
    this.#gone.clear()
    this.#telling = this.#tell(this.#send, { all: false, changed, gone })
  }

  /** What did not arrive is part of what the next one who listens is told first. */
  async #tell(send: Send, told: Told) {
    this.#sending = true
    const past = this.#past.untold.slice()
    try {
      await send({ type: 'sessions', ...told, past })
    } catch (error) {
      if (!(error instanceof NewsRefused)) {
        this.#here.log.info({ reason: messageOf(error) }, 'nobody hears of the sessions')
        return
      }
      this.#here.log.error({ err: error }, `what changed in sessions was not taken: ${messageOf(error)}`)
    }
    this.#past.forget(past)
    if (this.#send !== send) return
    this.#sending = false
    this.#tellNext()
  }
}

type Told = Omit<Extract<News, { type: 'sessions' }>, 'type' | 'past'>

/** Everything that somebody elsewhere acts on or shows; a title that spins and the moment of a look are not. */
function printOf({ pane, reading, dialog, since, quietSince }: LiveSession): string {
  const { evidence: _evidence, ...verdict } = reading
  const { sessionName, address, dead, inMode, inputOff, width, height, typedAt, path, marker } = pane
  const where = [sessionName, address, dead, inMode, inputOff, width, height, typedAt, path, marker]
  return JSON.stringify([where, verdict, dialog?.digest, dialog?.selected, since, quietSince === null])
}
