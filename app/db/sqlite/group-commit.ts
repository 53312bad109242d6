import type { Database as SqliteHandle, Statement } from 'better-sqlite3'
import type { Db } from '../schema.ts'
import { isBusy } from './failures.ts'

/** A group ends after this many functions, or after this long, so that other processes get their turn. */
const maxGroup = 256
const maxGroupMs = 50
/** After holding the lock for `maxHoldMs` in a row, leave it free for `restMs`: others look every 1–3 ms. */
const maxHoldMs = 100
const restMs = 6

/**
 * One fsync for many callers: functions that are waiting run one after the other inside one transaction, and
 * all resolve after the one commit. One that throws is undone alone: usually it had not changed anything yet;
 * otherwise the group is rolled back and runs again, this time with a savepoint for each function. Savepoints
 * are not the rule because SQLite copies every page that changes after one (measured: half of all time).
 *
 * SQLite's lock has no queue, and two writers in tight loops starve each other (measured: 153 against 65013
 * writes, waits of 3 s), so this one rests regularly and waits for the lock in short random steps.
 */
export class GroupCommit {
  readonly #handle: SqliteHandle
  readonly #db: Db
  readonly #options: GroupOptions
  readonly #statements: Record<'begin' | 'savepoint' | 'release' | 'commit', Statement>
  readonly #totalChanges: Statement<[], number>
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
    this.#totalChanges = handle.prepare<[], number>('select total_changes()').pluck()
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
    const jobs: Job[] = []
    try {
      const settled = (await this.#runPlainly(jobs)) ?? (await this.#runCarefully(jobs))
      this.#statements.commit.run()
      this.#options.onCommit()
      for (const settle of settled) settle()
    } catch (error) {
      this.#abandon(jobs, this.#options.describe(error))
    }
  }

  /** Without a lock nobody can be served, and after a failed commit nothing of the group is stored. */
  #abandon(jobs: Job[], error: unknown) {
    if (this.#handle.inTransaction) this.#handle.exec('rollback')
    for (const job of jobs.length > 0 ? jobs : this.#waiting.splice(0)) job.reject(error)
  }

  /** null: a function failed after it had changed something; everything is rolled back. */
  async #runPlainly(jobs: Job[]): Promise<Settle[] | null> {
    const settled: Settle[] = []
    const startedAt = await this.#begin()
    for (let job = this.#take(jobs, startedAt); job; job = this.#take(jobs, startedAt)) {
      const changesBefore = this.#totalChanges.get()
      const { settle, failed } = await this.#runJob(job)
      if (failed && (!this.#handle.inTransaction || this.#totalChanges.get() !== changesBefore)) {
        if (this.#handle.inTransaction) this.#handle.exec('rollback')
        return null
      }
      settled.push(settle)
    }
    this.#heldMs += performance.now() - startedAt
    return settled
  }

  /** The same functions again, each in its own savepoint. */
  async #runCarefully(jobs: Job[]): Promise<Settle[]> {
    const settled: Settle[] = []
    await this.#begin()
    for (const job of jobs) {
      this.#statements.savepoint.run()
      const { settle, failed, error } = await this.#runJob(job)
      // A full disk or a damaged file ends the whole transaction by itself; the group then fails as one.
      if (failed && !this.#handle.inTransaction) throw error
      if (failed) this.#handle.exec('rollback to one; release one')
      else this.#statements.release.run()
      settled.push(settle)
    }
    return settled
  }

  #take(jobs: Job[], startedAt: number): Job | undefined {
    if (jobs.length >= maxGroup || performance.now() - startedAt > maxGroupMs) return undefined
    const job = this.#waiting.shift()
    if (job) jobs.push(job)
    return job
  }

  async #runJob(job: Job): Promise<{ settle: Settle; failed: boolean; error?: unknown }> {
    try {
      const value = await job.work(this.#db)
      await this.#options.beforeRelease(this.#db)
      return { settle: () => job.resolve(value), failed: false }
    } catch (error) {
      this.#options.onRollback(this.#db)
      return { settle: () => job.reject(error), failed: true, error }
    }
  }

  /** Returns when the lock was got. */
  async #begin(): Promise<number> {
    const giveUpAt = performance.now() + this.#options.busyTimeoutMs
    for (;;) {
      try {
        this.#statements.begin.run()
        return performance.now()
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpAt) throw error
      }
      await pause(1 + Math.random() * 2)
    }
  }
}

export interface GroupOptions {
  describe: (error: unknown) => unknown
  /** Another process that holds the lock for this long is hung, not busy. */
  busyTimeoutMs: number
  beforeRelease(db: Db): Promise<void>
  onRollback(db: Db): void
  onCommit(): void
}

interface Job {
  work: (db: Db) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Tells a caller how its job ended; called only after the commit. */
type Settle = () => void

/** Real time, whatever the clock of the domain says: another process holds the lock. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
