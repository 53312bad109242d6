import { setMaxListeners } from 'node:events'
import type { Attempt } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import { AwayError, messageOf } from '../core/errors.ts'
import type { HierarchyRules } from '../core/hierarchy.ts'
import { liveAttempts, noteAttempt, renewLeases, takeOverAttempts } from '../db/attempts.ts'
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
import { assignPrompts, explainWaiting, type Assigning } from './assign.ts'
import { attend } from './attempt/attend.ts'
import { openStory, type Work } from './attempt/story.ts'
import { sendDigests } from './delegation/digest.ts'
import { keepToBudget } from './budget.ts'
import { Duties } from './duties.ts'
import { endsWith } from '../core/signals.ts'
import { readHierarchy, shippedHierarchy } from './hierarchy/rules-file.ts'
import { nodeOf, paneOf } from '../core/host.ts'
import type { Site, Sites } from '../core/site.ts'
import { heldPanes } from '../db/leases.ts'
import { liveInteractions } from '../db/interaction/read.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import { listSessionSettings } from '../db/session-settings.ts'
import { flagLost, unflagLost } from './lost-node.ts'
import { NodeDesk } from './node-desk.ts'
import { NodeRecords } from './node-records.ts'
import { isElsewhere } from './pane-lease.ts'
import { finishRestarts } from './restart.ts'
import { flushBooks, peoplesWord, type PeoplesWord } from './session-book.ts'
import { leaseMs, type OfficeTools } from './tools.ts'

/**
 * Looks are this far apart while prompts wait or run, and this far while nothing is to do, in ms. A new prompt
 * wakes the loop at once; what a slower quiet look delays is only the list of sessions.
 */
const busyPeriodMs = 150
const dayMs = 24 * 60 * 60_000
const quietPeriodMs = 2_500
/** While agents work on what people gave them: a dialog that a rule can answer is to be answered within a second. */
const watchPeriodMs = 300
/** A notification may be lost: whoever was refused is asked again after this, whatever was heard. */
const askAgainMs = 1_000

/**
 * The assigner: one loop that looks at its nodes and gives out prompts, one task for each attempt under way, and
 * some duties in between. It may be killed at any moment; the next one takes over what it left.
 */
export class Assigner {
  readonly #tools: OfficeTools
  /** The node beside us. The answers of others are not waited for: one of them may be silent, and hold up all. */
  readonly #here: string
  readonly #duties: Duties
  readonly #nodes = new Map<string, NodeDesk>()
  /** Of nodes that were heard for the first time since the last turn. */
  readonly #joined: NodeDesk[]
  /** Sessions with an attempt under way. */
  readonly #occupied = new Set<string>()
  readonly #attending = new Map<number, Promise<void>>()
  /** Attempts that wait for their node, and their sessions, which are not free meanwhile. */
  readonly #parked = new Map<number, { sessionKey: string; since: EpochMs }>()
  readonly #records = new NodeRecords()
  #wake: () => void = () => undefined
  #signal: AbortSignal = AbortSignal.abort()
  #rules: HierarchyRules = shippedHierarchy()
  #rulesFault = ''
  #hasNews = true
  #wasRefused = false
  #askedAt = 0

  /** `here`: the node beside us, which is never away. */
  constructor(tools: OfficeTools, here: Site, elsewhere?: Sites) {
    this.#tools = tools
    // What is beside us is looked at in each turn; a node elsewhere tells when there is something to do.
    const nobody = { onNews() {}, onReturn() {} }
    this.#here = here.host.node
    this.#joined = [new NodeDesk({ ...tools, ...here }, nobody)]
    elsewhere?.onJoin((site) => {
      const onNews = () => this.#wake()
      const onReturn = () => this.#returned(site.host.node)
      this.#joined.push(new NodeDesk({ ...tools, ...site }, { onNews, onReturn }))
      this.#wake()
    })
    this.#duties = new Duties(tools, this.#dutyList())
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    // Each attempt under way listens to it.
    setMaxListeners(0, signal)
    const unsubscribe = this.#tools.database.bus.subscribe(() => this.#noticeNews())
    try {
      await this.#begin()
      while (!signal.aborted) {
        await this.#turn(signal)
        await this.#rest(signal)
      }
    } finally {
      unsubscribe()
      await Promise.all(this.#attending.values())
      for (const desk of this.#desks) await desk.close()
    }
  }

  get #desks(): NodeDesk[] {
    return [...this.#nodes.values()]
  }

  /** What an earlier assigner left is taken over before anything new is given out. */
  async #begin() {
    await this.#openJoined()
    await finishRestarts(this.#tools)
    await this.#takeOverAll()
  }

  /** Those on nodes that are not here, or not yet, wait for their node. */
  async #takeOverAll() {
    const { database, clock, owner } = this.#tools
    const until = clock.now() + leaseMs
    const left = await database.write((db) => takeOverAttempts(db, owner, until, until))
    for (const attempt of left) await this.#takeOver(attempt)
  }

  async #openJoined() {
    if (this.#joined.length === 0) return
    const word = await this.#peoplesWord()
    for (let desk = this.#joined[0]; desk; desk = this.#joined[0]) {
      await desk.open(word)
      await desk.listen()
      this.#nodes.set(desk.node, desk)
      this.#joined.shift()
    }
  }

  async #peoplesWord(): Promise<PeoplesWord> {
    const { database, clock } = this.#tools
    const held = (await heldPanes(database.kysely, clock.now())).filter(isElsewhere)
    const settings = await listSessionSettings(database.kysely)
    return peoplesWord(settings, new Set(held.map(({ paneKey }) => paneKey)))
  }

  async #takeOver(attempt: Attempt) {
    const desk = this.#nodes.get(nodeOf(attempt.sessionKey))
    if (!desk || desk.fleet.awaySince !== null) return this.#park(attempt)
    await unflagLost(this.#tools, attempt)
    await this.#countPause(attempt)
    const prompt = await getPrompt(this.#tools.database.kysely, attempt.promptId)
    this.#tools.progress(`prompt ${prompt.id} is taken over (${attempt.phase})`)
    this.#attend(desk, { prompt, attempt, pane: paneOf(attempt.sessionKey) })
  }

  /** While its node could not be heard, the timeout stood still. */
  async #countPause(attempt: Attempt) {
    const parked = this.#parked.get(attempt.id)
    if (!parked) return
    attempt.pausedMs += this.#tools.clock.now() - parked.since
    await this.#tools.database.write((db) => noteAttempt(db, attempt, { pausedMs: attempt.pausedMs }))
  }

  #park({ id, sessionKey }: Attempt) {
    if (!this.#parked.has(id)) this.#parked.set(id, { sessionKey, since: this.#tools.clock.now() })
    this.#occupied.add(sessionKey)
  }

  #unpark(id: number, sessionKey: string) {
    this.#parked.delete(id)
    this.#occupied.delete(sessionKey)
  }

  /** What was under way when its node could not be heard any more goes on from what is seen there now. */
  #returned(node: string) {
    this.#tools.log.info({ node }, 'the node is heard')
    this.#duties.hurry('repair attempts')
    this.#noticeNews()
  }

  async #turn(signal: AbortSignal) {
    try {
      this.#readRules()
      await this.#openJoined()
      const word = await this.#peoplesWord()
      const desks = this.#desks
      for (const desk of desks) await desk.look(word)
      const heard = desks.filter(({ isHeard }) => isHeard)
      await flushBooks(
        this.#tools,
        heard.map(({ book }) => book),
      )
      await this.#followAsks(heard, signal)
      // Duties first: what has expired by now is not given out any more.
      await this.#duties.runDue()
      await this.#assign()
    } catch (error) {
      if (signal.aborted) return
      this.#tools.log.error({ err: error }, `a look failed: ${messageOf(error)}`)
    }
  }

  /** One question for all nodes, however many there are. */
  async #followAsks(desks: NodeDesk[], signal: AbortSignal) {
    const due = desks.filter(({ hasAsks }) => hasAsks)
    if (due.length === 0) return
    const live = new Map<string, StoredInteraction[]>()
    for (const one of await liveInteractions(this.#tools.database.kysely)) {
      live.set(one.node, [...(live.get(one.node) ?? []), one])
    }
    for (const desk of due) {
      const answered = desk.followAsks(live.get(desk.node) ?? [], signal)
      if (desk.node === this.#here) await answered
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

  /** Who was refused is not asked again before somebody wrote something: a claim that finds nothing costs a lock. */
  async #assign() {
    if (!(await this.#promptsWait())) return
    const now = this.#tools.clock.now()
    if (!this.#hasNews && this.#wasRefused && now - this.#askedAt < askAgainMs) return
    this.#hasNews = false
    this.#askedAt = now
    const { refused } = await assignPrompts(this.#assigning, (desk, work) => this.#attend(desk, work))
    this.#wasRefused = refused
  }

  /** Something changed in the database, or a session became free. */
  #noticeNews() {
    this.#hasNews = true
    for (const desk of this.#desks) desk.noticeNews()
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
    return this.#desks.some(({ fleet }) => fleet.sessions.some(({ reading }) => reading.state === 'busy'))
  }

  async #isWorkAround(): Promise<boolean> {
    return this.#desks.some(({ isBusy }) => isBusy) || this.#attending.size > 0 || (await this.#promptsWait())
  }

  async #explain() {
    if (await this.#promptsWait()) await explainWaiting(this.#assigning)
  }

  #promptsWait(): Promise<boolean> {
    return isAnyPromptWaiting(this.#tools.database.kysely)
  }

  #attend(desk: NodeDesk, work: Work) {
    const signal = this.#signal
    const { attempt } = work
    const key = attempt.sessionKey
    this.#parked.delete(attempt.id)
    this.#occupied.add(key)
    desk.notePrompt(key, work.prompt.id)
    desk.fleet.follow(key)
    const free = () => {
      this.#occupied.delete(key)
      desk.notePrompt(key, null)
    }
    const task = attend(openStory(desk.tools, desk.fleet, work, free), signal)
      .then(free, (error: unknown) => {
        free()
        this.#failed(work, error)
      })
      .finally(() => {
        desk.fleet.unfollow(key)
        this.#attending.delete(attempt.id)
        this.#noticeNews()
      })
    this.#attending.set(attempt.id, task)
  }

  /** A fault of ours leaves the attempt as it is, and so does a node that went away: a duty takes it up again. */
  #failed({ prompt, attempt }: Work, error: unknown) {
    if (this.#signal.aborted) return
    if (error instanceof AwayError) {
      this.#park(attempt)
      this.#tools.progress(`prompt ${prompt.id} waits for its node: ${error.message}`)
      return
    }
    this.#tools.log.error({ err: error, prompt: prompt.id, attempt: attempt.id }, messageOf(error))
  }

  get #assigning(): Assigning {
    return {
      tools: this.#tools,
      nodes: this.#nodes,
      records: this.#records,
      occupied: this.#occupied,
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
      { name: 'look after nodes', everyMs: 2_000, run: () => this.#lookAfterNodes() },
      { name: 'explain waiting prompts', everyMs: 5_000, run: () => this.#explain() },
      {
        name: 'renew leases',
        everyMs: leaseMs / 3,
        run: async (now: number) => {
          if (this.#attending.size + this.#parked.size === 0) return
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

  async #lookAfterNodes() {
    const { database, owner } = this.#tools
    await this.#records.load(database.kysely)
    const isAnyLost = [...this.#parked.values()].some(({ sessionKey }) =>
      this.#records.isLost(nodeOf(sessionKey)),
    )
    if (!isAnyLost) return
    for (const attempt of await liveAttempts(database.kysely, owner)) {
      if (this.#parked.has(attempt.id) && this.#records.isLost(nodeOf(attempt.sessionKey))) {
        await flagLost(this.#tools, attempt)
      }
    }
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

  /** Attempts of ours that nobody attends any more are attended again, once their node is heard. */
  async #repair() {
    const live = await liveAttempts(this.#tools.database.kysely, this.#tools.owner)
    for (const [id, { sessionKey }] of this.#parked) {
      if (!live.some((one) => one.id === id)) this.#unpark(id, sessionKey)
    }
    for (const attempt of live) if (!this.#attending.has(attempt.id)) await this.#takeOver(attempt)
  }
}
