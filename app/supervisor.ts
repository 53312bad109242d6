import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from './core/errors.ts'
import type { Log } from './log.ts'
import { runningInstance } from './single-instance.ts'

/** The first wait after an end, doubled with each one that follows soon, up to the longest; in ms. */
const firstWaitMs = 500
const longestWaitMs = 30_000
/** Who worked for this long has not failed at its start: the waits begin anew. */
const wellMs = 60_000
/** What stopping takes at most before the process is ended by force. */
const stopWithinMs = 15_000
/** The end of a process that somebody else started is noticed within this, in ms. */
const lookEveryMs = 1_000

export interface Supervised {
  /** As it calls itself in its data folder: `assigner`. */
  name: string
  /** The `*.main` program. */
  program: string
  env: NodeJS.ProcessEnv
  dataDir: string
}

/** Something that the supervised program did. */
export type Change =
  | { what: 'started'; pid: number }
  /** It ran before; it is watched, and followed by one of ours. */
  | { what: 'adopted'; pid: number }
  | { what: 'ended'; how: string; againInMs: number }

/**
 * Keeps one program running beside this process: starts it again when it ends, with back-off. One that works on
 * the data folder already is adopted: left alone, watched, and followed by one of ours when it ends. That is also
 * what becomes of our own when this process is killed: it works on, and the next supervisor adopts it.
 */
export class Supervisor implements AsyncDisposable {
  readonly #supervised: Supervised
  readonly #log: Log
  readonly #onChange: (change: Change) => void
  readonly #stopping = new AbortController()
  #child: ChildProcess | null = null
  #kept: Promise<void> = Promise.resolve()

  constructor(supervised: Supervised, log: Log, onChange: (change: Change) => void = () => undefined) {
    this.#supervised = supervised
    this.#log = log
    this.#onChange = onChange
  }

  start(): void {
    this.#kept = this.#keep()
  }

  /** Ends ours; one that was adopted works on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#child?.kill('SIGTERM')
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), stopWithinMs)
    await this.#kept
    clearTimeout(timer)
  }

  async #keep() {
    const { signal } = this.#stopping
    let waitMs = firstWaitMs
    while (!signal.aborted) {
      const startedAt = Date.now()
      const how = await this.#runOnce().catch(messageOf)
      if (signal.aborted) return
      if (Date.now() - startedAt > wellMs) waitMs = firstWaitMs
      this.#sayEnded(how, waitMs)
      await this.#rest(waitMs)
      waitMs = Math.min(longestWaitMs, waitMs * 2)
    }
  }

  async #runOnce(): Promise<string> {
    const { name, dataDir } = this.#supervised
    const other = runningInstance(dataDir, name)
    if (!other) return this.#runOwn()
    this.#log.json.info({ pid: other.pid }, `a running ${name} was adopted`)
    this.#onChange({ what: 'adopted', pid: other.pid })
    while (!this.#stopping.signal.aborted && runningInstance(dataDir, name) !== null) {
      await this.#rest(lookEveryMs)
    }
    return 'it had been started by somebody else'
  }

  /** In a process group of its own, so that Ctrl-C in our terminal is ours alone to pass on. */
  #runOwn(): Promise<string> {
    const { program, env } = this.#supervised
    const child = spawn(process.execPath, [...process.execArgv, program], {
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    this.#child = child
    return new Promise((resolve) => {
      child.once('spawn', () => this.#onChange({ what: 'started', pid: child.pid ?? 0 }))
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, name) => {
        this.#child = null
        resolve(name ?? `exit code ${code}`)
      })
    })
  }

  #sayEnded(how: string, againInMs: number) {
    const { name } = this.#supervised
    this.#log.json.error({ how, againInMs }, `the ${name} ended`)
    this.#log.progress(`the ${name} ended (${how}); it is started again in ${againInMs / 1000} s`)
    this.#onChange({ what: 'ended', how, againInMs })
  }

  async #rest(ms: number) {
    const { signal } = this.#stopping
    await sleep(ms, undefined, { signal }).catch(() => undefined) // aborted: the loop ends
  }
}
