import type { Database as SqliteHandle, Statement } from 'better-sqlite3'
import type { Db } from '../schema.ts'
import { isBusy } from './failures.ts'

/** A group ends after this many functions, or after this long, so that other processes get their turn. */
const maxGroup = 256
const maxGroupMs = 50
/** After holding the lock for `maxHoldMs` in a row, leave it free for `restMs`: others look every 1–3 ms. */
const maxHoldMs = 100
const restMs = 6
/** Another process that holds the lock for this long is hung, not busy. */
const giveUpMs = 10_000

/**
 * One fsync for many callers: functions that are waiting run one after the other inside one transaction,
 * each in its own savepoint, and all resolve after the one commit. One that throws is rolled back alone.
 *
 * SQLite's lock has no queue, and two writers in tight loops starve each other (measured: 153 against 65013
 * writes, waits of 3 s), so this one rests regularly and waits for the lock in short random steps.
 */
export class GroupCommit {
  readonly #handle: SqliteHandle
  readonly #db: Db
  readonly #options: GroupOptions
  readonly #statements: Record<'begin' | 'savepoint' | 'release' | 'commit', Statement>
  #waiting: Job[] = []
  #running: Promise<void> | null = null
  #heldMs = 0

  constructor(handle: SqliteHandle, db: Db, options: GroupOptions) {
    this.#handle = handle
    this.#db = db
    this.#options = options
    this.#statements = {
      begin: handle.prepare('begin immediate'),
      savepoint: handle.prepare('savepoint one'),
      release: handle.prepare('release one'),
      commit: handle.prepare('commit'),
    }
  }

  run<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#drain()
    })
  }

  /** Resolves when everything that was handed in is settled. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #drain() {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      await this.#rest()
      await this.#commitGroup()
    }
    this.#running = null
  }

  async #rest() {
    if (this.#heldMs < maxHoldMs) return
    this.#heldMs = 0
    await pause(restMs)
  }

  async #commitGroup() {
    const done: Settled[] = []
    try {
      await this.#begin()
      const startedAt = performance.now()
      while (
        this.#waiting.length > 0 &&
        done.length < maxGroup &&
        performance.now() - startedAt < maxGroupMs
      ) {
        done.push(await this.#runOne(this.#waiting.shift()!))
      }
      this.#statements.commit.run()
      this.#heldMs += performance.now() - startedAt
      this.#options.onCommit()
      for (const { settle } of done) settle()
    } catch (error) {
      this.#abandon(done, this.#options.describe(error))
    }
  }

  /** Without a lock nobody can be served, and after a failed commit nothing of the group is stored. */
  #abandon(done: Settled[], error: unknown) {
    if (this.#handle.inTransaction) this.#handle.exec('rollback')
    const jobs = done.length > 0 ? done.map(({ job }) => job) : this.#waiting.splice(0)
    for (const job of jobs) job.reject(error)
  }

  async #runOne(job: Job): Promise<Settled> {
    this.#statements.savepoint.run()
    try {
      const value = await job.work(this.#db)
      await this.#options.beforeRelease(this.#db)
      this.#statements.release.run()
      return { job, settle: () => job.resolve(value) }
    } catch (error) {
      this.#options.onRollback(this.#db)
      // A full disk or a damaged file ends the whole transaction by itself; the group then fails as one.
      if (!this.#handle.inTransaction) {
        job.reject(error)
        throw error
      }
      this.#handle.exec('rollback to one; release one')
      return { job, settle: () => job.reject(error) }
    }
  }

  async #begin() {
    const giveUpAt = performance.now() + giveUpMs
    for (;;) {
      try {
        this.#statements.begin.run()
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpAt) throw error
      }
      await pause(1 + Math.random() * 2)
    }
  }
}

export interface GroupOptions {
  describe(error: unknown): unknown
  beforeRelease(db: Db): Promise<void>
  onRollback(db: Db): void
  onCommit(): void
}

interface Job {
  work: (db: Db) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** How a job ended; told to its caller only after the commit. */
interface Settled {
  job: Job
  settle: () => void
}

/** Real time, whatever the clock of the domain says: another process holds the lock. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
