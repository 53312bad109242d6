import { setMaxListeners } from 'node:events'
import type { Clock } from '../../app/core/clock.ts'
import { isAppError, messageOf } from '../../app/core/errors.ts'
import { renewEveryMs } from '../../app/core/queue.ts'
import { endsWith } from '../../app/core/signals.ts'
import type { Claim, NamedRun } from '../../app/tasks/work.ts'
import { isFenced } from '../../app/tasks/work.ts'
import type { TaskType } from '../../app/core/task.ts'
import { defaultTaskRetries, defaultTaskTimeoutMs } from '../../app/core/task.ts'
import { isBuiltIn, jsonSchemaOf } from '../../app/tasks/types.ts'
import type { LiveRun } from '../../app/db/task/read.ts'
import type { TaskDesk } from './desk.ts'
import { startGuard, type Guard } from './guard.ts'
import type { TaskHandler } from './handler.ts'
import { insist } from './insist.ts'
import { startOf } from './processes.ts'
import { doTask, type Came, type Stop } from './run-task.ts'

export interface WorkerTools {
  desk: TaskDesk
  clock: Clock
  /** For who looks for a fault. */
  log: { info(data: object, message: string): void; warn(data: object, message: string): void }
  /** One line for each thing that was done, for people. */
  progress(line: string): void
  name: string
  node: string
  version: string
  /** How many tasks at the same time. */
  concurrency: number
  dataDir: string
  handlers: readonly TaskHandler[]
  /** Handlers that could not be loaded, and why. */
  problems: readonly string[]
}

/** Nobody calls where news are missed; then it looks this often, in ms. */
const quietLookMs = 5_000
interface Running {
  held: NamedRun
  stop: (why: Stop) => void
  done: Promise<void>
}

/**
 * Works on tasks until it is told to end. It may be killed at any moment: its programs end with it, and its tasks are
 * given to others when its leases end.
 */
export class TaskWorker {
  readonly #tools: WorkerTools
  readonly #handlers = new Map<string, TaskHandler>()
  readonly #running = new Map<number, Running>()
  readonly #mark = `${process.pid}-${startOf(process.pid) ?? process.hrtime.bigint()}`
  #refusal: unknown = null
  #end: () => void = () => undefined
  #id = 0
  #claims = 0
  #isClaiming = false
  #wake: () => void = () => undefined

  constructor(tools: WorkerTools) {
    this.#tools = tools
    for (const handler of tools.handlers) this.#handlers.set(handler.type, handler)
  }

  /** Adds a type of task, before `run`; one of the same type is replaced. */
  registerHandler<Data>(handler: TaskHandler<Data>): this {
    this.#handlers.set(handler.type, handler)
    return this
  }

  /** Throws `unauthorized` or `forbidden` when the desk takes it no more, after its programs were ended. */
  async run(told: AbortSignal): Promise<void> {
    using ending = endsWith(told)
    this.#end = ending.end
    const { signal } = ending
    setMaxListeners(0, signal)
    await using guard = startGuard(this.#mark)
    await this.#register(signal)
    const unsubscribe = this.#tools.desk.onNews(() => this.#wake())
    const beating = this.#beatUntil(signal)
    try {
      while (!signal.aborted) {
        await this.#claimAll(guard, signal)
        await this.#rest(signal)
      }
    } finally {
      unsubscribe()
      await this.#endAll()
      await beating
      await this.#leave()
    }
    if (this.#refusal !== null) throw this.#refusal
  }

  async #register(signal: AbortSignal) {
    const { desk, log, name, node, version, concurrency, problems } = this.#tools
    const handlers = [...this.#handlers.values()]
    const worker = {
      name,
      node,
      pid: process.pid,
      version,
      concurrency,
      types: handlers.map(({ type }) => type),
      ownTypes: handlers.filter(({ type }) => !isBuiltIn(type)).map(describeHandler),
      problems: [...problems],
    }
    this.#id = await this.#insist('register', signal, () => desk.register(worker))
    log.info({ id: this.#id, types: worker.types }, 'the worker is registered')
  }

  async #claimAll(guard: Guard, signal: AbortSignal) {
    const { log, concurrency } = this.#tools
    try {
      while (this.#running.size < concurrency && !signal.aborted) {
        if (!(await this.#claimOne(guard, signal))) return
      }
    } catch (error) {
      if (isFenced(error)) await this.#registerAgain(signal)
      else if (isRefusal(error)) this.#giveUp(error)
      else log.warn({ err: error }, `no task could be claimed: ${messageOf(error)}`)
    }
  }

  async #claimOne(guard: Guard, signal: AbortSignal): Promise<boolean> {
    this.#claims += 1
    this.#isClaiming = true
    try {
      const claim = await this.#tools.desk.claim(this.#id)
      if (claim) this.#start(claim, guard, signal)
      return claim !== null
    } finally {
      this.#isClaiming = false
    }
  }

  /** The desk does not take this worker any more: somebody ended its token. Nothing that runs is its own. */
  #giveUp(error: unknown) {
    for (const { stop } of this.#running.values()) stop('fenced')
    this.#refusal = error
    this.#end()
  }

  #start(claim: Claim, guard: Guard, signal: AbortSignal) {
    const { task, run } = claim
    const held = { id: run.id, leaseEpoch: run.leaseEpoch, taskId: task.id }
    const stopping = new AbortController()
    const called = task.name ?? task.type
    this.#tools.progress(`task ${task.id} (${called}) begins, run ${run.number}`)
    const { desk, dataDir } = this.#tools
    const tools = {
      desk,
      guard,
      dataDir,
      workerMark: this.#mark,
      insist: <T>(until: AbortSignal, work: () => Promise<T>) => this.#insist(`run ${run.id}`, until, work),
      handlerOf: (type: string) => this.#handlers.get(type),
    }
    const done = doTask(claim, tools, stopping.signal)
      .then((came) => this.#tell(held, came, signal))
      .then((what) => this.#tools.progress(`task ${task.id} (${called}): ${what}`))
      .catch((error: unknown) => this.#tools.log.warn({ err: error, task: task.id }, messageOf(error)))
      .finally(() => {
        this.#running.delete(run.id)
        this.#wake()
      })
    this.#running.set(run.id, { held, stop: (why) => stopping.abort(why), done })
  }

  /** Says what came of a run until the desk has it, or says that it is somebody else's. */
  async #tell(held: NamedRun, came: Came, signal: AbortSignal): Promise<string> {
    if (came.outcome === 'fenced') return 'is not ours any more'
    const { desk } = this.#tools
    try {
      await this.#insist(`run ${held.id}`, signal, () =>
        came.outcome === 'completed'
          ? desk.complete(held, came.end)
          : desk.fail(held, came.outcome, came.end),
      )
    } catch (error) {
      if (isFenced(error)) return `was not taken: ${messageOf(error)}`
      if (!isAppError(error, 'invalid')) throw error
      // Something in its end is not as the desk wants it; nobody would end the run otherwise.
      const reason = `its end was not taken: ${messageOf(error)}`
      await this.#insist(`run ${held.id}`, signal, () =>
        desk.fail(held, 'failed', { reason, mayRetry: false }),
      )
      return reason
    }
    return came.end.reason ? `${came.outcome}: ${came.end.reason}` : came.outcome
  }

  #insist<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { clock, log } = this.#tools
    const onFault = (error: unknown) => log.warn({ err: error }, `${what}: ${messageOf(error)}`)
    return insist({ clock, signal, onFault }, work)
  }

  /** Signs of life, and looks for runs that shall end, or that are not ours any more. */
  async #beatUntil(signal: AbortSignal) {
    const { desk, clock, log } = this.#tools
    let beatAt = -Infinity
    while (!signal.aborted || this.#running.size > 0) {
      try {
        const isDue = performance.now() - beatAt >= renewEveryMs
        if (isDue || this.#running.size > 0) {
          const known = new Set(this.#running.keys())
          const claims = this.#isClaiming ? null : this.#claims
          const live = isDue ? await desk.beat(this.#id) : await desk.runs(this.#id)
          if (isDue) beatAt = performance.now()
          this.#follow(known, live)
          if (claims === this.#claims) await this.#giveBack(live.filter(({ runId }) => !known.has(runId)))
        }
      } catch (error) {
        if (isRefusal(error)) this.#giveUp(error)
        else if (!isFenced(error)) log.warn({ err: error }, `no sign of life: ${messageOf(error)}`)
        else if (!signal.aborted) await this.#startAnew(signal)
      }
      await this.#restUntilNews(desk.lookEveryMs, clock, signal)
    }
  }

  /** The desk does not know this worker any more: nothing that runs is its own. */
  async #startAnew(signal: AbortSignal) {
    for (const { stop } of this.#running.values()) stop('fenced')
    await this.#registerAgain(signal)
  }

  /** A fault leaves it for the next look; a refusal, as of a token that was taken away, ends the worker. */
  async #registerAgain(signal: AbortSignal) {
    try {
      await this.#register(signal)
    } catch (error) {
      if (isRefusal(error)) return this.#giveUp(error)
      this.#tools.log.warn({ err: error }, `the worker is not registered: ${messageOf(error)}`)
    }
  }

  /** `known`: what ran before the desk was asked; what began since is not in its answer. */
  #follow(known: ReadonlySet<number>, live: readonly LiveRun[]) {
    for (const id of known) {
      const running = this.#running.get(id)
      const seen = live.find(({ runId }) => runId === id)
      if (!running) continue
      if (!seen || seen.epoch !== running.held.leaseEpoch) running.stop('fenced')
      else if (seen.cancel) running.stop('cancelled')
    }
  }

  /** Runs of claims whose answers never came: nobody works on them, and every sign of life would keep them. */
  async #giveBack(unheard: readonly LiveRun[]) {
    for (const { runId, taskId, epoch } of unheard) {
      const held = { id: runId, leaseEpoch: epoch, taskId }
      await this.#tools.desk.fail(held, 'released', { reason: 'its worker did not hear of it' })
    }
  }

  async #restUntilNews(ms: number, clock: Clock, signal: AbortSignal) {
    if (signal.aborted) return clock.sleep(Math.min(ms, 200))
    await clock.sleep(ms, signal)
  }

  async #rest(signal: AbortSignal) {
    const { clock, desk } = this.#tools
    using waking = endsWith(signal)
    this.#wake = waking.end
    await clock.sleep(Math.min(quietLookMs, desk.lookEveryMs * 2), waking.signal)
  }

  async #endAll() {
    for (const { stop } of this.#running.values()) stop('shutdown')
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  async #leave() {
    try {
      await this.#tools.desk.leave(this.#id)
    } catch (error) {
      this.#tools.log.warn({ err: error }, `the desk did not hear that the worker ends: ${messageOf(error)}`)
    }
  }
}

function isRefusal(error: unknown): boolean {
  return isAppError(error, 'unauthorized') || isAppError(error, 'forbidden')
}

function describeHandler({ type, about, data, timeoutMs, maxRetries }: TaskHandler): TaskType {
  return {
    type,
    about,
    schema: jsonSchemaOf(data),
    timeoutMs: timeoutMs ?? defaultTaskTimeoutMs,
    maxRetries: maxRetries ?? defaultTaskRetries,
  }
}
