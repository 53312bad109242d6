import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Plan, Struck } from './plan.ts'

/** An assigner at work in a process of its own. */
export interface AssignerProcess {
  /** Where the plan's blow fell; null while it has not. */
  struck(): string | null
  kill(): void
  ended: Promise<void>
}

/** How many loaded processes wait for their plan. */
const waitingProcesses = 2

/** Processes that are loaded before they are needed. Only one of them works at a time. */
export class Supply implements AsyncDisposable {
  readonly #program: string
  readonly #env: NodeJS.ProcessEnv
  readonly #loaded: Promise<ChildProcess>[] = []
  readonly #alive = new Set<ChildProcess>()
  #closed = false

  constructor(program: string, env: NodeJS.ProcessEnv) {
    this.#program = program
    this.#env = env
    for (let index = 0; index < waitingProcesses; index += 1) this.#load()
  }

  async begin(plan: Plan): Promise<AssignerProcess> {
    const child = await this.#loaded.shift()!
    let struck: string | null = null
    child.on('message', (said) => {
      if (typeof said === 'object') struck = (said as Struck).where
    })
    const ended = once(child, 'exit').then(() => this.#load())
    child.send(plan)
    return { struck: () => struck, kill: () => void child.kill('SIGKILL'), ended }
  }

  async [Symbol.asyncDispose]() {
    this.#closed = true
    await Promise.all(
      [...this.#alive].map(async (child) => {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }),
    )
  }

  #load() {
    if (this.#closed) return
    const { TMUX: _tmux, TMUX_PANE: _pane, ...env } = process.env
    const options = {
      env: { ...env, ...this.#env },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }
    const child = fork(this.#program, [], options as Parameters<typeof fork>[2])
    this.#alive.add(child)
    child.once('exit', () => this.#alive.delete(child))
    const ready = loaded(child)
    ready.catch(() => undefined) // whoever takes this process hears of it
    this.#loaded.push(ready)
  }
}

function loaded(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('exit', (code) =>
      reject(new Error(`An assigner under test did not load (exit code ${code}).`)),
    )
  })
}
