import { setMaxListeners } from 'node:events'
import { messageOf } from '../core/errors.ts'
import type { HierarchyRules } from '../core/hierarchy.ts'
import { expirePrompts, isAnyPromptDue, isAnyPromptWaiting, wakeHeldPrompts } from '../db/prompts.ts'
import { applyRetention } from '../db/retention.ts'
import { getRetention } from '../db/settings.ts'
import { trimAttemptLogs } from './attempt/trim-logs.ts'
import { AttemptsUnderWay } from './attempts-under-way.ts'
import { assignPrompts, explainWaiting, type Assigning } from './assign.ts'
import { sendDigests } from './delegation/digest.ts'
import { keepToBudget } from './budget.ts'
import { Duties } from './duties.ts'
import { endsWith } from '../core/signals.ts'
import { readHierarchy, shippedHierarchy } from './hierarchy/rules-file.ts'
import type { Site, Sites } from '../core/site.ts'
import { heldPanes } from '../db/leases.ts'
import { liveInteractions } from '../db/interaction/read.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import { listSessionSettings } from '../db/session-settings.ts'
import { NodeDesk } from './node-desk.ts'
import { NodeRecords } from './node-records.ts'
import { isElsewhere } from './pane-lease.ts'
import { finishRestarts } from './restart.ts'
import { flushBooks, peoplesWord, type PeoplesWord } from './session-book.ts'
import type { OfficeTools } from './tools.ts'
import { leaseMs, renewEveryMs } from '../core/queue.ts'

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
  readonly #attempts: AttemptsUnderWay
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
      this.#joined.push(new NodeDesk({ ...tools, ...site, isElsewhere: true }, { onNews, onReturn }))
      this.#wake()
    })
    this.#attempts = new AttemptsUnderWay(tools, {
      deskOf: (node) => this.#nodes.get(node),
      isLost: (node) => this.#records.isLost(node),
      onEnd: () => this.#noticeNews(),
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
      await this.#attempts.finish()
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
    await this.#attempts.takeOverAll(this.#signal)
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
    const { refused } = await assignPrompts(this.#assigning, (desk, work) =>
      this.#attempts.begin(desk, work, this.#signal),
    )
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
    return (
      this.#desks.some(({ isBusy }) => isBusy) || this.#attempts.isAnyAttended || (await this.#promptsWait())
    )
  }

  async #explain() {
    if (await this.#promptsWait()) await explainWaiting(this.#assigning)
  }

  #promptsWait(): Promise<boolean> {
    return isAnyPromptWaiting(this.#tools.database.kysely)
  }

  get #assigning(): Assigning {
    return {
      tools: this.#tools,
      nodes: this.#nodes,
      records: this.#records,
      occupied: this.#attempts.occupied,
      rules: this.#rules,
    }
  }

  #dutyList() {
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
        everyMs: renewEveryMs,
        run: (now: number) => this.#attempts.renewLeases(now),
      },
      { name: 'repair attempts', everyMs: leaseMs, run: () => this.#attempts.repair(this.#signal) },
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
    await this.#records.load(this.#tools.database.kysely)
    await this.#attempts.flagLost()
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
}
