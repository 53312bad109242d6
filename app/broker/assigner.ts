import { setMaxListeners } from 'node:events'
import type { Attempt } from '../core/attempt.ts'
import type { HierarchyRules } from '../core/hierarchy.ts'
import type { Prompt } from '../core/prompt.ts'
import { liveAttempts, renewLeases, takeOverAttempts } from '../db/attempts.ts'
import {
  expirePrompts,
  getPrompt,
  isAnyPromptDue,
  isAnyPromptWaiting,
  wakeHeldPrompts,
} from '../db/prompts.ts'
import { applyRetention } from '../db/retention.ts'
import { getRetention } from '../db/settings.ts'
import { trimAttemptLogs } from './attempt/trim-logs.ts'
import { messageOf } from '../core/errors.ts'
import { askingOf, assignPrompts, explainWaiting, freeSessions, type Assigning } from './assign.ts'
import { attend, openStory, type Work } from './attempt/attend.ts'
import { sendDigests } from './delegation/digest.ts'
import { keepToBudget } from './budget.ts'
import { Duties } from './duties.ts'
import { endsWith } from './signals.ts'
import { HookDesk } from './hooks/desk.ts'
import { InteractionDesk } from './interactions/desk.ts'
import { readHierarchy, shippedHierarchy } from './hierarchy/rules-file.ts'
import { Fleet, type LiveSession } from './fleet.ts'
import { finishRestarts } from './restart.ts'
import { SessionBook } from './session-book.ts'
import { leaseMs, type Tools } from './tools.ts'

/**
 * Looks are this far apart while prompts wait or run, and this far while nothing is to do, in ms. A new prompt
 * wakes the loop at once; what a slower quiet look delays is only the list of sessions.
 */
const busyPeriodMs = 150
const dayMs = 24 * 60 * 60_000
const quietPeriodMs = 2_500
/** While agents work on what people gave them: a dialog that a rule can answer is to be answered within a second. */
const watchPeriodMs = 300
/** A notification may be lost: the queue is asked again after this, whatever was heard. */
const askAgainMs = 3_000

/**
 * The assigner: one loop that looks at the host and gives out prompts, one task for each attempt under way, and
 * some duties in between. It may be killed at any moment; the next one takes over what it left.
 */
export class Assigner {
  readonly #tools: Tools
  readonly #fleet: Fleet
  readonly #book: SessionBook
  readonly #duties: Duties
  readonly #desk: HookDesk
  readonly #interactions: InteractionDesk
  /** Sessions with an attempt under way. */
  readonly #occupied = new Set<string>()
  readonly #attending = new Map<number, Promise<void>>()
  #wake: () => void = () => undefined
  #signal: AbortSignal = AbortSignal.abort()
  #rules: HierarchyRules = shippedHierarchy()
  #rulesFault = ''
  #hasNews = true
  #asked = ''
  #askedAt = 0

  constructor(tools: Tools) {
    this.#tools = tools
    this.#book = new SessionBook(tools)
    this.#fleet = new Fleet(tools, {
      onChange: (session) => this.#seen(session),
      onGone: (session) => this.#lost(session),
    })
    this.#interactions = new InteractionDesk(tools, {
      get: (key) => this.#fleet.get(key),
      settingsOf: (session) => this.#book.settingsOf(session),
      isTaken: (key) => this.#book.isTaken(key),
      promptOf: (key) => this.#book.promptOf(key),
    })
    this.#desk = new HookDesk(tools, this.#fleet)
    this.#duties = new Duties(tools, this.#dutyList())
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    // Each attempt under way listens to it.
    setMaxListeners(0, signal)
    const unsubscribe = this.#tools.database.bus.subscribe(() => this.#noticeNews())
    try {
      await this.#begin()
      await this.#tools.hooks?.listen((message) => this.#desk.hear(message))
      while (!signal.aborted) {
        await this.#turn(signal)
        await this.#rest(signal)
      }
    } finally {
      unsubscribe()
      await Promise.all(this.#attending.values())
      await this.#interactions.finish()
      await this.#book.flush()
    }
  }

  #seen(session: LiveSession) {
    this.#book.note(session)
    this.#interactions.note(session)
  }

  #lost(session: LiveSession) {
    this.#book.noteGone(session)
    this.#interactions.note(session)
  }

  /** What an earlier assigner left is taken over before anything new is given out. */
  async #begin() {
    const { database, clock, owner } = this.#tools
    await this.#book.open()
    await this.#fleet.observe()
    await finishRestarts(this.#tools)
    const now = clock.now()
    const left = await database.write((db) => takeOverAttempts(db, owner, now + leaseMs, now + leaseMs))
    for (const attempt of left) this.#takeOver(attempt, await getPrompt(database.kysely, attempt.promptId))
  }

  #takeOver(attempt: Attempt, prompt: Prompt) {
    const [, server = '', paneId = ''] = /^[^/]*\/(.*)\/(%\d+)$/.exec(attempt.sessionKey) ?? []
    this.#tools.progress(`prompt ${prompt.id} is taken over (${attempt.phase})`)
    this.#attend({ prompt, attempt, pane: { server, paneId } })
  }

  async #turn(signal: AbortSignal) {
    try {
      this.#readRules()
      await this.#fleet.observe()
      await this.#book.load()
      await this.#book.flush()
      await this.#interactions.work(signal)
      // Duties first: what has expired by now is not given out any more.
      await this.#duties.runDue()
      await this.#assign()
    } catch (error) {
      if (signal.aborted) return
      this.#tools.log.error({ err: error }, `a look failed: ${messageOf(error)}`)
    }
  }

  /** Rules that can't be read leave those in force that were; whoever sends something is told of the fault. */
  #readRules() {
    try {
      this.#rules = readHierarchy(this.#tools.dataDir)
      this.#rulesFault = ''
    } catch (error) {
      const fault = messageOf(error)
      if (fault !== this.#rulesFault) this.#tools.log.warn({ err: error }, fault)
      this.#rulesFault = fault
    }
  }

  /** The same sessions are not asked about the same queue again: a claim that finds nothing costs a lock. */
  async #assign() {
    if (!(await this.#promptsWait())) return
    const free = freeSessions(this.#assigning)
    const asking = askingOf(this.#assigning, free)
    const now = this.#tools.clock.now()
    if (!this.#hasNews && asking === this.#asked && now - this.#askedAt < askAgainMs) return
    this.#hasNews = false
    this.#asked = asking
    this.#askedAt = now
    await assignPrompts(this.#assigning, free, (work) => this.#attend(work))
  }

  /** Something changed in the database, or a session became free. */
  #noticeNews() {
    this.#hasNews = true
    this.#interactions.noticeNews()
    this.#wake()
  }

  async #rest(signal: AbortSignal) {
    using waking = endsWith(signal)
    this.#wake = waking.end
    const ms = (await this.#isWorkAround())
      ? busyPeriodMs
      : this.#isAnyoneAtWork()
        ? watchPeriodMs
        : quietPeriodMs
    await this.#tools.clock.sleep(ms, waking.signal)
  }

  /** An agent that works, on whatever, may ask for something any moment. */
  #isAnyoneAtWork(): boolean {
    return this.#fleet.sessions.some(({ reading }) => reading.state === 'busy')
  }

  async #isWorkAround(): Promise<boolean> {
    return this.#interactions.isBusy || this.#attending.size > 0 || (await this.#promptsWait())
  }

  async #explain() {
    if (await this.#promptsWait()) await explainWaiting(this.#assigning)
  }

  #promptsWait(): Promise<boolean> {
    return isAnyPromptWaiting(this.#tools.database.kysely)
  }

  #attend(work: Work) {
    const signal = this.#signal
    const { attempt } = work
    const key = attempt.sessionKey
    this.#occupied.add(key)
    this.#book.notePrompt(this.#fleet.get(key), key, work.prompt.id)
    this.#fleet.followed.add(key)
    const free = () => {
      this.#occupied.delete(key)
      this.#book.notePrompt(this.#fleet.get(key), key, null)
    }
    const story = openStory(this.#tools, this.#fleet, work, free)
    const task = attend(story, signal)
      .catch((error: unknown) => this.#failed(work, error))
      .finally(() => {
        free()
        this.#fleet.followed.delete(key)
        this.#attending.delete(attempt.id)
        this.#noticeNews()
      })
    this.#attending.set(attempt.id, task)
  }

  /** A fault of ours leaves the attempt as it is; its lease runs out and a duty takes it up again. */
  #failed(work: Work, error: unknown) {
    if (this.#signal.aborted) return
    const { prompt, attempt } = work
    this.#tools.log.error({ err: error, prompt: prompt.id, attempt: attempt.id }, messageOf(error))
  }

  get #assigning(): Assigning {
    const settingsOf = (session: LiveSession) => this.#book.settingsOf(session)
    const isTaken = ({ key }: LiveSession) => this.#book.isTaken(key)
    return {
      tools: this.#tools,
      fleet: this.#fleet,
      occupied: this.#occupied,
      settingsOf,
      isTaken,
      rules: this.#rules,
    }
  }

  #dutyList() {
    const { database } = this.#tools
    return [
      {
        name: 'wake held prompts',
        everyMs: 1_000,
        run: (now: number) => this.#wakePrompts(now),
      },
      { name: 'explain waiting prompts', everyMs: 5_000, run: () => this.#explain() },
      {
        name: 'renew leases',
        everyMs: leaseMs / 3,
        run: async (now: number) => {
          if (this.#attending.size === 0) return
          await database.write((db) => renewLeases(db, this.#tools.owner, now + leaseMs))
        },
      },
      { name: 'repair attempts', everyMs: leaseMs, run: () => this.#repair() },
      { name: 'tell what ended', everyMs: 1_000, run: (now: number) => this.#tellWhatEnded(now) },
      { name: 'keep to the budget', everyMs: 5_000, run: (now: number) => this.#keepToBudget(now) },
      {
        name: 'forget what is old',
        everyMs: 600_000,
        run: (now: number) => this.#forgetOld(now),
      },
    ]
  }

  async #tellWhatEnded(now: number) {
    const done = await sendDigests(this.#tools.database, now)
    for (const line of done) this.#tools.progress(line)
    if (done.length > 0) this.#hasNews = true
  }

  async #keepToBudget(now: number) {
    const done = await keepToBudget(this.#tools.database, now)
    if (done !== null) this.#tools.progress(done)
  }

  async #forgetOld(now: number) {
    const count = await applyRetention(this.#tools.database, now, this.#signal)
    if (count > 0) this.#tools.log.info({ count }, 'old rows were removed')
    const { evidenceDays } = await getRetention(this.#tools.database.kysely)
    const files = await trimAttemptLogs(this.#tools.dataDir, now - evidenceDays * dayMs)
    if (files > 0) this.#tools.log.info({ files }, 'old logs of attempts were removed')
  }

  /** Nothing is written while nothing is due. */
  async #wakePrompts(now: number) {
    const { database } = this.#tools
    if (!(await isAnyPromptDue(database.kysely, now))) return
    await database.write((db) => wakeHeldPrompts(db, now))
    this.#hasNews = true
    await database.write((db) => expirePrompts(db, now))
  }

  /** Attempts of ours that nobody attends any more, after a fault, are attended again. */
  async #repair() {
    const live = await liveAttempts(this.#tools.database.kysely, this.#tools.owner)
    for (const attempt of live) {
      if (this.#attending.has(attempt.id)) continue
      this.#tools.log.warn({ attempt: attempt.id }, 'an attempt was left alone and is taken up again')
      this.#takeOver(attempt, await getPrompt(this.#tools.database.kysely, attempt.promptId))
    }
  }
}
