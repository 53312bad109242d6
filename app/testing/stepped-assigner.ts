import { runAssigner } from '../../workers/assigner.ts'
import { createReader } from '../agents/reader.ts'
import type { Config } from '../config.ts'
import { openContext } from '../context.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { openLog } from '../log.ts'
import { steppedHost, type HostStep } from './stepped-host.ts'

/** What a test wants to happen exactly before or after a step of the assigner into a pane. */
export class Hooks {
  readonly #acts = new Map<string, (() => Promise<unknown>)[]>()

  /** `add('before paste', …)`: runs once, the next time that this step is taken. */
  add(where: `${'before' | 'after'} ${HostStep}`, act: () => Promise<unknown>) {
    this.#acts.set(where, [...(this.#acts.get(where) ?? []), act])
  }

  async around<T>(step: HostStep, run: () => Promise<T>): Promise<T> {
    await this.#act(`before ${step}`)
    const answer = await run()
    await this.#act(`after ${step}`)
    return answer
  }

  async #act(where: string) {
    await this.#acts.get(where)?.shift()?.()
  }
}

export interface SteppedAssigner {
  stop(): Promise<void>
}

/** The product's assigner in this process, with its steps under the eyes of `hooks` and the time of `clock`. */
export async function startSteppedAssigner(
  config: Config,
  hooks: Hooks,
  clock: Clock = systemClock,
): Promise<SteppedAssigner> {
  const log = openLog(config, 'assigner')
  const context = await openContext(config, log)
  const stopping = new AbortController()
  const host = steppedHost(context.host, (step, run) => hooks.around(step, run))
  const reader = clock === systemClock ? context.reader : createReader(context.library, { clock })
  const running = runAssigner({ ...context, host, reader, clock }, stopping.signal)
  return {
    async stop() {
      stopping.abort(new Error('the test stops its assigner'))
      await running
      await context[Symbol.asyncDispose]()
      log[Symbol.dispose]()
    },
  }
}
