import type { Actor } from '../core/account.ts'
import type { Clock, EpochMs } from '../core/clock.ts'
import { isAppError } from '../core/errors.ts'
import { paneKey, type Pane, type SessionHost } from '../core/host.ts'
import { appendEvent } from '../db/events.ts'
import { releasePaneLease, takePaneLease } from '../db/leases.ts'
import type { Database } from '../db/open.ts'
import { fenceMarker } from './delivery/marker.ts'

/** The lease is renewed when this much of it is gone: not every key is a write. In ms. */
const renewAfterMs = 5_000
/** A session belongs to the person who types for at least 30 s after the last key. */
export const personLeaseMs = 30_000 + renewAfterMs
/** A marker that somebody else writes at the same moment is read again. */
const fenceTries = 20

interface Tools {
  database: Database
  host: SessionHost
  clock: Clock
}

/**
 * A person's right to type into one tmux session: the leases of all its panes, because keys go wherever that
 * person turns. With each new lease its epoch is written into the pane's marker, so that tmux itself refuses a
 * step that an assigner prepared before, however late it comes.
 */
export class Keyboard {
  readonly #tools: Tools
  readonly #owner: string
  readonly #server: string
  readonly #sessionName: string
  #epochs = new Map<string, number>()
  #until: EpochMs = 0
  #taking: Promise<void> | null = null

  /** `owner` names this very keyboard in the leases. */
  constructor(tools: Tools, owner: string, session: { server: string; sessionName: string }) {
    this.#tools = tools
    this.#owner = owner
    this.#server = session.server
    this.#sessionName = session.sessionName
  }

  /** Past this the session is anybody's again; 0 when it was given back. */
  get until(): EpochMs {
    return this.#until
  }

  /** Resolves when keys may be sent: automation can't type any more. Called for every key; writes only sometimes. */
  async hold(by: Actor): Promise<void> {
    const now = this.#tools.clock.now()
    if (this.#until - now > personLeaseMs - renewAfterMs) return
    this.#taking ??= this.#take(by, now).finally(() => (this.#taking = null))
    await this.#taking
  }

  /** Gives the session back to automation at once. */
  async release(by: Actor): Promise<void> {
    await Promise.allSettled([this.#taking]) // who holds it hears of a failure
    if (this.#until === 0) return
    this.#until = 0
    const held = [...this.#epochs]
    this.#epochs.clear()
    const { database, clock } = this.#tools
    await database.by(by).write(async (db) => {
      for (const [key, epoch] of held) await releasePaneLease(db, key, this.#owner, epoch)
      this.#note(db, 'keyboard_released', held, clock.now())
    })
    await database.bus.notify('sessions')
  }

  async #take(by: Actor, now: EpochMs) {
    const { database, host } = this.#tools
    const panes = (await host.list()).filter((pane) => this.#isOurs(pane))
    const until = now + personLeaseMs
    const taken = await database.by(by).write(async (db) => {
      const epochs = new Map<string, number>()
      for (const pane of panes) {
        const key = `${host.node}/${paneKey(pane)}`
        const lease = await takePaneLease(db, key, this.#owner, until, now, true)
        if (lease) epochs.set(key, lease.epoch)
      }
      if (this.#until <= now) this.#note(db, 'keyboard_taken', [...epochs], now)
      return epochs
    })
    for (const pane of panes) {
      const key = `${host.node}/${paneKey(pane)}`
      const epoch = taken.get(key)
      if (epoch !== undefined && this.#epochs.get(key) !== epoch) await this.#fence(pane, epoch)
    }
    this.#epochs = taken
    this.#until = until
  }

  /** From here on, whoever looked before is refused. */
  async #fence(pane: Pane, epoch: number) {
    const { host } = this.#tools
    for (let tries = 0; tries < fenceTries; tries += 1) {
      try {
        const look = await host.look(pane)
        if ((await host.mark(look, fenceMarker(look.marker, epoch))) === 'done') return
      } catch (error) {
        if (isAppError(error, 'not_found')) return
        throw error
      }
    }
    throw new Error(`The pane ${pane.paneId} got a new marker ${fenceTries} times while a person took it.`)
  }

  #isOurs({ server, sessionName }: Pane): boolean {
    return server === this.#server && sessionName === this.#sessionName
  }

  #note(db: Parameters<typeof appendEvent>[0], type: string, panes: [string, number][], at: EpochMs) {
    for (const [key] of panes) {
      appendEvent(db, { at, noun: 'session', nounId: key, type, data: { name: this.#sessionName } })
    }
  }
}
