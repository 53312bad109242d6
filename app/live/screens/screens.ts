import { setTimeout as sleep } from 'node:timers/promises'
import { isAppError, messageOf } from '../../core/errors.ts'
import { nodeOf, paneKey, type Look, type Pane } from '../../core/host.ts'
import type { OpenSite } from '../../core/site.ts'
import type { Web } from '../../http/web.ts'
import type { LiveSocket } from '../socket.ts'
import { runsOfRows, type Run } from './runs.ts'

/** How often watched panes are looked at; a pane that keeps changing is captured once in `sameEveryMs`. */
const lookEveryMs = 250
/** Of a node that answers slowly, a look takes at most this part of the time. */
const lookShare = 1 / 3
const sameEveryMs = 500
/** Captures of one look: 0.11 ms of tmux's time each (measured). The others have their turn in the next one. */
const perLook = 40
/** tmux does not answer, or its node is away: it is asked again after this. */
const restMs = 2_000
/** Screens in one message. */
const perMessage = 16
/** A client that has not taken a message within this is given up, in ms. */
const takeWithinMs = 30_000

/** A session's screen as clients get it. */
export interface ScreenMessage {
  session: string
  at: number
  columns: number
  rows: Run[][]
}

export interface ScreensMessage {
  screens: ScreenMessage[]
}

/**
 * The screens of sessions that somebody watches, for the grid of thumbnails. Nothing is looked at while nobody
 * watches; a client has one message under way and gets the newest screens with the next one.
 */
export class Screens implements AsyncDisposable {
  readonly #web: Web
  readonly #watchers = new Map<LiveSocket, Watcher>()
  /** A message is under way to these, whatever they have asked for since. */
  readonly #busy = new WeakSet<LiveSocket>()
  /** The last screen of every pane that was captured: tmux is not asked again for one that stays as it is. */
  readonly #shown = new Map<string, Shown>()
  readonly #stopping = new AbortController()
  /** By node, those that are looked at. */
  readonly #looking = new Map<string, Promise<void>>()

  constructor(web: Web) {
    this.#web = web
  }

  /** From now on these sessions, by key, instead of others. */
  watch(socket: LiveSocket, keys: readonly string[]): void {
    if (keys.length === 0) return this.forget(socket)
    const watcher = this.#watchers.get(socket) ?? { keys: new Set<string>(), due: new Set<string>() }
    watcher.due = new Set(keys.filter((key) => !watcher.keys.has(key) || watcher.due.has(key)))
    watcher.keys = new Set(keys)
    this.#watchers.set(socket, watcher)
    void this.#send(socket)
    for (const node of new Set(keys.map(nodeOf))) this.#lookAt(node)
  }

  forget(socket: LiveSocket): void {
    this.#watchers.delete(socket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watchers.clear()
    this.#stopping.abort()
    await Promise.all(this.#looking.values())
  }

  #lookAt(node: string) {
    const site = this.#web.sites.find(node)
    if (!site || this.#looking.has(node)) return
    const looking = this.#lookWhileWatched(node, site).finally(() => this.#looking.delete(node))
    this.#looking.set(node, looking)
  }

  async #lookWhileWatched(node: string, site: OpenSite) {
    const { signal } = this.#stopping
    while (this.#watched(node).size > 0 && !signal.aborted) {
      const begun = performance.now()
      const restsMs = await this.#look(node, site)
      const least = (performance.now() - begun) * (1 / lookShare - 1)
      await sleep(Math.max(restsMs, least), undefined, { signal }).catch(() => undefined) // aborted: the loop ends
    }
  }

  #watched(node: string): Set<string> {
    const keys = [...this.#watchers.values()].flatMap((watcher) => [...watcher.keys])
    return new Set(keys.filter((key) => nodeOf(key) === node))
  }

  async #look(node: string, { host }: OpenSite): Promise<number> {
    try {
      const watched = this.#watched(node)
      let left = perLook
      const { panes, changed } = await host.sweep((pane) => {
        const key = `${node}/${paneKey(pane)}`
        return watched.has(key) && this.#isDue(key) && left-- > 0
      })
      this.#forgetGone(node, panes)
      for (const look of changed) this.#show(`${node}/${paneKey(look)}`, look)
      return lookEveryMs
    } catch (error) {
      if (!isAppError(error, 'unavailable')) {
        this.#web.log.json.warn({ err: error, node }, `screens could not be read: ${messageOf(error)}`)
      }
      return restMs
    }
  }

  #isDue(key: string): boolean {
    return this.#web.clock.now() - (this.#shown.get(key)?.at ?? 0) >= sameEveryMs
  }

  #forgetGone(node: string, panes: readonly Pane[]) {
    const present = new Set(panes.map((pane) => `${node}/${paneKey(pane)}`))
    for (const key of this.#shown.keys()) {
      if (nodeOf(key) === node && !present.has(key)) this.#shown.delete(key)
    }
  }

  #show(key: string, look: Look) {
    const text = `${look.width}\n${look.rows.join('\n')}`
    const isNew = this.#shown.get(key)?.text !== text
    this.#shown.set(key, { text, look, at: this.#web.clock.now() })
    if (!isNew) return
    for (const [socket, watcher] of this.#watchers) {
      if (!watcher.keys.has(key)) continue
      watcher.due.add(key)
      void this.#send(socket)
    }
  }

  async #send(socket: LiveSocket) {
    if (this.#busy.has(socket)) return
    this.#busy.add(socket)
    try {
      for (;;) {
        const watcher = this.#watchers.get(socket)
        const screens = watcher ? this.#take(watcher) : []
        if (screens.length === 0 || !socket.connected) return
        await socket.timeout(takeWithinMs).emitWithAck('screens', { screens })
      }
    } catch {
      // It does not take them any more: it is gone, or it will ask anew.
      this.forget(socket)
    } finally {
      this.#busy.delete(socket)
    }
  }

  #take(watcher: Watcher): ScreenMessage[] {
    const keys = [...watcher.due].filter((key) => this.#shown.has(key)).slice(0, perMessage)
    for (const key of keys) watcher.due.delete(key)
    return keys.map((key) => {
      const { look } = this.#shown.get(key)!
      return { session: key, at: look.at, columns: look.width, rows: runsOfRows(look.rows) }
    })
  }
}

interface Watcher {
  keys: Set<string>
  /** What this client has not got yet. */
  due: Set<string>
}

interface Shown {
  text: string
  look: Look
  at: number
}
