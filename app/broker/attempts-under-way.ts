import type { Attempt } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import { AwayError, messageOf } from '../core/errors.ts'
import { nodeOf, paneOf } from '../core/host.ts'
import { liveAttempts, noteAttempt, renewLeases, takeOverAttempts } from '../db/attempts.ts'
import { getPrompt } from '../db/prompts.ts'
import { attend } from './attempt/attend.ts'
import { openStory, type Work } from './attempt/story.ts'
import { flagLost, unflagLost } from './lost-node.ts'
import type { NodeDesk } from './node-desk.ts'
import type { OfficeTools } from './tools.ts'
import { leaseMs } from '../core/queue.ts'

interface Surroundings {
  /** undefined: the node was not heard since the start. */
  deskOf(node: string): NodeDesk | undefined
  /** Its lifetime ended. */
  isLost(node: string): boolean
  /** An attempt is over, or waits for its node. */
  onEnd(): void
}

/**
 * The attempts of this assigner: each has a task that attends it, or waits for its node. None of them is lost with
 * its task, because the database knows it too.
 */
export class AttemptsUnderWay {
  readonly #tools: OfficeTools
  readonly #around: Surroundings
  readonly #occupied = new Set<string>()
  readonly #attending = new Map<number, Promise<void>>()
  /** Those that wait for their node, and their sessions, which are not free meanwhile. */
  readonly #parked = new Map<number, { sessionKey: string; since: EpochMs }>()

  constructor(tools: OfficeTools, around: Surroundings) {
    this.#tools = tools
    this.#around = around
  }

  /** Sessions with an attempt under way. */
  get occupied(): ReadonlySet<string> {
    return this.#occupied
  }

  get isAnyAttended(): boolean {
    return this.#attending.size > 0
  }

  /** Attends this one until it is over or `signal` aborts. */
  begin(desk: NodeDesk, work: Work, signal: AbortSignal): void {
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
        if (!signal.aborted) this.#failed(work, error)
      })
      .finally(() => {
        desk.fleet.unfollow(key)
        this.#attending.delete(attempt.id)
        this.#around.onEnd()
      })
    this.#attending.set(attempt.id, task)
  }

  /** What an earlier assigner left; what is on nodes that are not here, or not yet, waits for its node. */
  async takeOverAll(signal: AbortSignal): Promise<void> {
    const { database, clock, owner } = this.#tools
    const until = clock.now() + leaseMs
    const left = await database.write((db) => takeOverAttempts(db, owner, until, until))
    for (const attempt of left) await this.#takeOver(attempt, signal)
  }

  /** Those that nobody attends any more are attended again, once their node is heard. */
  async repair(signal: AbortSignal): Promise<void> {
    const live = await liveAttempts(this.#tools.database.kysely, this.#tools.owner)
    for (const [id, { sessionKey }] of this.#parked) {
      if (!live.some((one) => one.id === id)) this.#unpark(id, sessionKey)
    }
    for (const attempt of live) if (!this.#attending.has(attempt.id)) await this.#takeOver(attempt, signal)
  }

  async renewLeases(now: EpochMs): Promise<void> {
    if (this.#attending.size + this.#parked.size === 0) return
    await this.#tools.database.write((db) => renewLeases(db, this.#tools.owner, now + leaseMs))
  }

  /** Says of those whose node is lost that they need somebody. */
  async flagLost(): Promise<void> {
    const { database, owner } = this.#tools
    const isLost = (sessionKey: string) => this.#around.isLost(nodeOf(sessionKey))
    if (![...this.#parked.values()].some(({ sessionKey }) => isLost(sessionKey))) return
    for (const attempt of await liveAttempts(database.kysely, owner)) {
      if (this.#parked.has(attempt.id) && isLost(attempt.sessionKey)) await flagLost(this.#tools, attempt)
    }
  }

  /** Fulfilled when no task is left; each ends when its signal aborts. */
  async finish(): Promise<void> {
    await Promise.all(this.#attending.values())
  }

  async #takeOver(attempt: Attempt, signal: AbortSignal) {
    const node = nodeOf(attempt.sessionKey)
    const desk = this.#around.deskOf(node)
    if (!desk || desk.fleet.awaySince !== null) return this.#park(attempt, `${node} can't be heard.`)
    await unflagLost(this.#tools, attempt)
    await this.#countPause(attempt)
    const prompt = await getPrompt(this.#tools.database.kysely, attempt.promptId)
    this.#tools.progress(`prompt ${prompt.id} is taken over (${attempt.phase})`)
    this.begin(desk, { prompt, attempt, pane: paneOf(attempt.sessionKey) }, signal)
  }

  /** While its node could not be heard, the timeout stood still. */
  async #countPause(attempt: Attempt) {
    const parked = this.#parked.get(attempt.id)
    if (!parked) return
    attempt.pausedMs += this.#tools.clock.now() - parked.since
    await this.#tools.database.write((db) => noteAttempt(db, attempt, { pausedMs: attempt.pausedMs }))
  }

  #park({ id, promptId, sessionKey }: Attempt, because: string) {
    this.#occupied.add(sessionKey)
    if (this.#parked.has(id)) return
    this.#parked.set(id, { sessionKey, since: this.#tools.clock.now() })
    this.#tools.progress(`prompt ${promptId} waits for its node: ${because}`)
  }

  #unpark(id: number, sessionKey: string) {
    this.#parked.delete(id)
    this.#occupied.delete(sessionKey)
  }

  /** A fault of ours leaves the attempt as it is, and so does a node that went away: a duty takes it up again. */
  #failed({ prompt, attempt }: Work, error: unknown) {
    if (error instanceof AwayError) return this.#park(attempt, error.message)
    this.#tools.log.error({ err: error, prompt: prompt.id, attempt: attempt.id }, messageOf(error))
  }
}
