import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../core/clock.ts'
import { AppError, LimitedError } from '../core/errors.ts'
import { recordErrors, type ErrorOccurrence, type RecordedError } from '../db/error/record.ts'
import { appendEvent } from '../db/events.ts'
import type { Database } from '../db/open.ts'
import type { Db } from '../db/schema.ts'
import { getReportRates } from '../db/settings.ts'
import type { ReportRates } from '../core/reported-error.ts'
import { Buckets } from './buckets.ts'
import { Memory } from './memory.ts'
import { nameReport, occurrenceOf, type NamedReport, type Report } from './report.ts'
import { RefusalCount } from './refusal-count.ts'

/** Where errors come in: bounded, counted, and stored durably before the answer. */
export interface ErrorIntake extends AsyncDisposable {
  /** Stores one. Throws `limited` when `address` or the source on its node reported too much, which is counted. */
  report(report: Report, address: string): Promise<RecordedError>
  /** Counts what is not taken for another reason. */
  refuse(from: { node: string; source: string; reason: string }): void
}

/** One transaction takes at most so many. */
const mostPerWrite = 500
/** Reports that wait for the database; beyond, the reporter is told to come again. */
const mostWaiting = 20_000
/** Settings are read again after this, in ms. */
const ratesForMs = 2_000
/** Browsers hear of new counts at most so often, in ms. */
const newsEveryMs = 5_000
/** How often the latest sample of a group is renewed, and those of all: in a flood it is not worth its bytes. */
const latestRate = { perSecond: 1, burst: 5 }
const latestOfAll = { perSecond: 10, burst: 100 }
/** Longer texts are identified anew each time instead of remembered, in characters. */
const longestRemembered = 4_000

/** `onFault`: told of what fails where nobody waits for an answer. */
export function openErrorIntake(
  database: Database,
  clock: Clock,
  onFault: (error: unknown) => void,
): ErrorIntake {
  return new Intake(database, clock, onFault)
}

interface Waiting {
  occurrence: ErrorOccurrence
  resolve: (recorded: RecordedError) => void
  reject: (error: unknown) => void
}

class Intake implements ErrorIntake {
  readonly #database: Database
  readonly #clock: Clock
  readonly #buckets = new Buckets()
  readonly #named = new Memory<NamedReport>(2_000)
  readonly #knownKinds = new Memory<true>(20_000)
  readonly #latest = new Buckets()
  readonly #onFault: (error: unknown) => void
  readonly #refusals: RefusalCount
  #waiting: Waiting[] = []
  #running: Promise<void> | null = null
  #rates: { value: Promise<ReportRates>; until: number } | null = null
  #newsAt = 0
  #lateNews: NodeJS.Timeout | null = null

  constructor(database: Database, clock: Clock, onFault: (error: unknown) => void) {
    this.#database = database
    this.#clock = clock
    this.#onFault = onFault
    this.#refusals = new RefusalCount(database, onFault)
  }

  async report(report: Report, address: string): Promise<RecordedError> {
    const rates = await this.#currentRates()
    const now = this.#clock.now()
    const named = this.#name(report)
    const occurrence = occurrenceOf(report, named, now)
    this.#requireRoom(occurrence, address, rates)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ occurrence, resolve, reject })
      this.#running ??= this.#drain()
    })
  }

  refuse(from: { node: string; source: string; reason: string }): void {
    this.#refusals.add(from, this.#clock.now())
  }

  async [Symbol.asyncDispose]() {
    while (this.#running) await this.#running
    if (this.#lateNews) clearTimeout(this.#lateNews)
    await this.#refusals[Symbol.asyncDispose]()
  }

  #name(report: Report): NamedReport {
    const { errorType, message, source } = report
    if (errorType.length + message.length + source.length > longestRemembered) return nameReport(report)
    const key = `${errorType}\0${message}\0${source}`
    const known = this.#named.get(key)
    if (known) return known
    const named = nameReport(report)
    this.#named.set(key, named)
    return named
  }

  #currentRates(): Promise<ReportRates> {
    const now = this.#clock.now()
    if (!this.#rates || now >= this.#rates.until) {
      this.#rates = { value: getReportRates(this.#database.kysely), until: now + ratesForMs }
    }
    return this.#rates.value
  }

  #requireRoom({ node, source, fingerprint, at }: ErrorOccurrence, address: string, rates: ReportRates) {
    const { perSecond, burst, addressPerSecond, addressBurst, kindsPerMinute } = rates
    const refuse = (reason: string, waitMs: number, why: string) => {
      this.#refusals.add({ node, source, reason }, at)
      throw new LimitedError(`${why} Report again in ${Math.ceil(waitMs / 1000)} s.`, waitMs)
    }
    const ofAddress = { perSecond: addressPerSecond, burst: addressBurst }
    const addressWait = this.#buckets.take(`address ${address}`, ofAddress, at)
    if (addressWait > 0) refuse('address', addressWait, 'Too many errors come from this address.')
    const wait = this.#buckets.take(`source ${node}\0${source}`, { perSecond, burst }, at)
    if (wait > 0) refuse('rate', wait, `Too many errors come from ${source || 'this source'} on ${node}.`)
    if (!this.#knownKinds.get(fingerprint)) {
      const kinds = { perSecond: kindsPerMinute / 60, burst: kindsPerMinute }
      const kindsWait = this.#buckets.take(`kinds ${address}`, kinds, at)
      if (kindsWait > 0) refuse('kinds', kindsWait, 'Too many new kinds of errors come from this address.')
      this.#knownKinds.set(fingerprint, true)
    }
    if (this.#waiting.length >= mostWaiting) refuse('busy', 1_000, 'More errors come than can be stored.')
  }

  async #drain() {
    while (this.#waiting.length > 0) {
      // Whatever the sockets have ready comes in first: a commit stops them, so without this it would be alone.
      await nextTurn()
      const batch = this.#waiting.splice(0, mostPerWrite)
      if (!(await this.#store(batch))) for (const one of batch) await this.#store([one], true)
    }
    this.#running = null
  }

  /** Of many, one that the database does not take must not take the others along: false asks for one by one. */
  async #store(batch: Waiting[], isLast = batch.length === 1): Promise<boolean> {
    try {
      const occurrences = batch.map(({ occurrence }) => occurrence)
      const renewed = this.#latestToRenew(occurrences)
      const isTold = this.#isNewsDue(occurrences)
      const recorded = await this.#database.write(async (db) => {
        if (isTold) tellOfCounts(db, this.#clock.now())
        return recordErrors(db, occurrences, (fingerprint) => renewed.has(fingerprint))
      })
      batch.forEach(({ resolve }, index) => resolve(recorded[index]!))
      return true
    } catch (error) {
      if (!isLast && !(error instanceof AppError)) return false
      for (const { reject } of batch) reject(error)
      return true
    }
  }

  #latestToRenew(occurrences: readonly ErrorOccurrence[]): Set<string> {
    const at = occurrences[0]!.at
    const fingerprints = new Set(occurrences.map(({ fingerprint }) => fingerprint))
    const mayRenew = (name: string) =>
      this.#latest.take(name, latestRate, at) === 0 && this.#latest.take('', latestOfAll, at) === 0
    return new Set([...fingerprints].filter(mayRenew))
  }

  /** What comes between two pieces of news is told after the second one's time. */
  #isNewsDue(occurrences: readonly ErrorOccurrence[]): boolean {
    const now = occurrences.at(-1)!.at
    const waitMs = this.#newsAt + newsEveryMs - now
    if (waitMs <= 0) {
      this.#newsAt = now
      return true
    }
    this.#lateNews ??= setTimeout(() => this.#tellLate(), waitMs).unref()
    return false
  }

  #tellLate() {
    this.#lateNews = null
    this.#newsAt = this.#clock.now()
    this.#database.write((db) => Promise.resolve(tellOfCounts(db, this.#newsAt))).catch(this.#onFault)
  }
}

function tellOfCounts(db: Db, at: number): void {
  appendEvent(db, { at, noun: 'error', nounId: '', type: 'counted', data: {} })
}
