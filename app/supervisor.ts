import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.ts'

/** The first wait after an end, doubled with each one that follows soon, up to the longest; in ms. */
const firstWaitMs = 500
const longestWaitMs = 30_000
/** Who worked for this long has not failed at its start: the waits begin anew. */
const wellMs = 60_000
/** What stopping takes at most before the process is ended by force. */
const stopWithinMs = 15_000

/** Keeps one program running beside this process: starts it again when it ends, with back-off. */
export class Supervisor implements AsyncDisposable {
  readonly #name: string
  readonly #program: string
  readonly #env: NodeJS.ProcessEnv
  readonly #log: Log
  readonly #stopping = new AbortController()
  #child: ChildProcess | null = null
  #kept: Promise<void> = Promise.resolve()

  constructor(name: string, program: string, env: NodeJS.ProcessEnv, log: Log) {
    this.#name = name
    this.#program = program
    this.#env = env
    this.#log = log
  }

  start(): void {
    this.#kept = this.#keep()
  }

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
      const how = await this.#runOnce()
      if (signal.aborted) return
      if (Date.now() - startedAt > wellMs) waitMs = firstWaitMs
      this.#log.json.error({ how, waitMs }, `the ${this.#name} ended`)
      this.#log.progress(`the ${this.#name} ended (${how}); it is started again in ${waitMs / 1000} s`)
      await sleep(waitMs, undefined, { signal }).catch(() => undefined) // aborted: the loop ends
      waitMs = Math.min(longestWaitMs, waitMs * 2)
    }
  }

  #runOnce(): Promise<string> {
    const child = spawn(process.execPath, [...process.execArgv, this.#program], {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    this.#child = child
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, name) => resolve(name ?? `exit code ${code}`))
    })
  }
}
