import { watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { Database as SqliteHandle, Statement } from 'better-sqlite3'
import type { Bus, Topic } from '../../core/bus.ts'

/** A write to the log of commits is looked at this soon, once for a burst of them. */
const lookAfterMs = 3
/** Behind every notification: one may be lost, or the system may have none left to give. */
const lookEveryMs = 250

/**
 * SQLite tells nobody about commits, but every one of them writes into the folder of the database, which the
 * kernel reports, and `data_version` then tells whether another connection made it. Polling that every 25 ms
 * instead kept an idle assigner above 1 % of a core. Listeners of this process are woken at once.
 */
export class SqliteBus implements Bus {
  readonly #version: Statement<[], number>
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | null = null
  #soon: NodeJS.Timeout | null = null
  #watcher: FSWatcher | null = null
  readonly #folder: string
  #seen = 0

  constructor(handle: SqliteHandle) {
    this.#folder = dirname(handle.name)
    this.#version = handle.prepare<[], number>('pragma data_version').pluck()
  }

  notify(_topic: Topic): Promise<void> {
    this.wake()
    return Promise.resolve()
  }

  subscribe(listener: () => void): () => void {
    const own = () => listener()
    this.#listeners.add(own)
    this.#watch()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** Calls every listener soon, never in the middle of what the caller does. */
  wake(): void {
    if (this.#listeners.size === 0) return
    this.#seen = this.#version.get() ?? 0
    for (const listener of this.#listeners) setImmediate(listener)
  }

  async [Symbol.asyncDispose]() {
    this.#listeners.clear()
    this.#stop()
  }

  /**
   * Around a commit of this process that is no news for anybody: called with the lock held, when nobody else can
   * commit, so that only the own commit is passed over. Returns what to call after it.
   */
  passOver(): () => void {
    if (!this.#timer) return () => undefined
    this.#look()
    return () => {
      this.#seen = this.#version.get() ?? 0
    }
  }

  #watch() {
    if (this.#timer) return
    this.#seen = this.#version.get() ?? 0
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
    this.#timer.unref()
    this.#watcher = watchFolder(this.#folder, () => {
      this.#soon ??= setTimeout(() => this.#look(), lookAfterMs)
    })
  }

  #look() {
    this.#soon = null
    if (this.#timer && this.#version.get() !== this.#seen) this.wake()
  }

  #stop() {
    if (this.#timer) clearInterval(this.#timer)
    if (this.#soon) clearTimeout(this.#soon)
    this.#watcher?.close()
    this.#timer = null
    this.#soon = null
    this.#watcher = null
  }
}

/** null: the system has no watch left to give; the slow look remains. */
function watchFolder(folder: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, onChange)
    // The folder is gone, and the database with it: whoever asks it hears that.
    return watcher.on('error', () => watcher.close())
  } catch (error) {
    if (['ENOSPC', 'EMFILE', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
