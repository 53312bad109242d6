import type { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import type { ChaosStep, Place, Plan, Struck } from './plan.ts'

/** Counts how often the assigner comes to the place that its plan names, and kills there. */
export class Executioner {
  readonly #plan: Plan
  readonly #host: TmuxHost
  #count = 0

  constructor(plan: Plan, host: TmuxHost) {
    this.#plan = plan
    this.#host = host
  }

  /** Runs one step; it can be struck before it, behind it, and while its answer is on the way. */
  async around<T>(step: ChaosStep, run: () => Promise<T>): Promise<T> {
    await this.#pass(`before ${step}`)
    const answer = run()
    // The request is on its way by then: it was written without waiting for anything.
    answer.catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    await this.#pass(`during ${step}`)
    const result = await answer
    await this.#pass(`after ${step}`)
    return result
  }

  async #pass(place: Place) {
    const { at } = this.#plan
    if (at?.place !== place) return
    this.#count += 1
    if (this.#count !== at.nth) return
    await say({ where: place })
    await this.#strike()
  }

  async #strike() {
    const { victim, serverPid } = this.#plan
    if (victim === 'assigner') process.kill(process.pid, 'SIGKILL')
    if (victim === 'server') process.kill(serverPid, 'SIGKILL')
    if (victim === 'client') {
      const pids = Object.values(await this.#host.clientPids())
      for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGKILL')
    }
  }
}

function say(struck: Struck): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(struck, undefined, {}, () => resolve())
    else resolve()
  })
}
