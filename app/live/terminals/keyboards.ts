import { randomBytes } from 'node:crypto'
import { Keyboard } from '../../broker/keyboard.ts'
import type { Actor } from '../../core/account.ts'
import { messageOf } from '../../core/errors.ts'
import type { Web } from '../../http/web.ts'
import type { ShownPane } from './find-pane.ts'

/** How late the end of a lease may be noticed, in ms. */
const checkEveryMs = 500

/** Who types into a session: nobody, or people at this dashboard. */
export interface Typing {
  /** Names, the last one to begin at the end. */
  by: string[]
  /** When the session is given back unless somebody types on; epoch ms. */
  until: number
}

/** The sessions that people type into at this dashboard. */
export class Keyboards implements AsyncDisposable {
  readonly #web: Web
  readonly #onRelease: (session: string) => void
  readonly #owner: string
  readonly #held = new Map<string, { keyboard: Keyboard; by: Map<string, Actor> }>()
  readonly #timer: NodeJS.Timeout
  #count = 0

  /** `onRelease` is told the session (`sessionOf`) whose keyboard was given back. */
  constructor(web: Web, onRelease: (session: string) => void) {
    this.#web = web
    this.#onRelease = onRelease
    this.#owner = `person-${web.config.node}-${process.pid}-${randomBytes(4).toString('hex')}`
    this.#timer = setInterval(() => this.#releaseExpired(), checkEveryMs)
  }

  typing(session: string): Typing | null {
    const held = this.#held.get(session)
    return held && held.keyboard.until > 0 ? { by: [...held.by.keys()], until: held.keyboard.until } : null
  }

  /** Resolves when the keys may be sent; true when this person has only now begun. */
  async hold(pane: ShownPane, actor: Actor): Promise<boolean> {
    const session = sessionOf(pane)
    let held = this.#held.get(session)
    if (!held) {
      // One that is given back at this moment must not take the lease of the next one with it.
      const owner = `${this.#owner}-${(this.#count += 1)}`
      held = { keyboard: new Keyboard({ ...this.#web, host: pane.site.host }, owner, pane), by: new Map() }
      this.#held.set(session, held)
    }
    await held.keyboard.hold(actor)
    const isNew = !held.by.has(actor.name)
    held.by.set(actor.name, actor)
    return isNew
  }

  async release(session: string, actor: Actor): Promise<void> {
    const held = this.#held.get(session)
    if (!held) return
    this.#held.delete(session)
    await held.keyboard.release(actor)
    this.#onRelease(session)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await Promise.allSettled([...this.#held].map(([session, { by }]) => this.release(session, lastOf(by))))
  }

  #releaseExpired() {
    const now = this.#web.clock.now()
    for (const [session, { keyboard, by }] of this.#held) {
      if (keyboard.until === 0 || keyboard.until > now) continue
      this.release(session, lastOf(by)).catch((error: unknown) => {
        this.#web.log.json.warn({ err: error, session }, `a keyboard was not released: ${messageOf(error)}`)
      })
    }
  }
}

/** The tmux session of a pane, of all nodes' sessions. */
export function sessionOf({ site, server, sessionName }: ShownPane): string {
  return `${site.host.node}/${server}/${sessionName}`
}

/** Who gives it back when nobody does it by hand. */
function lastOf(by: Map<string, Actor>): Actor {
  return [...by.values()].at(-1) ?? { kind: 'worker', name: 'dashboard', address: null }
}
