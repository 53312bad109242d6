import { runAssigner } from '../../workers/assigner.ts'
import type { Tools } from '../broker/tools.ts'
import { createReader } from '../agents/reader.ts'
import type { AgentReader } from '../core/agent.ts'
import type { Config } from '../config.ts'
import { openContext } from '../context.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { hookPaths } from '../hooks/paths.ts'
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

/** The assigner's own time: a test puts it forward to see the end of what takes hours. */
export interface TestTime {
  /** How far its clock runs ahead of everybody else's, in ms. */
  aheadMs: number
}

export interface SteppedAssigner {
  stop(): Promise<void>
}

/** The product's assigner in this process, with its steps under the eyes of `hooks` and its clock set by `time`. */
export async function startSteppedAssigner(
  config: Config,
  hooks: Hooks,
  time: TestTime = { aheadMs: 0 },
  own: Pick<Tools, 'decide'> = {},
): Promise<SteppedAssigner> {
  const log = openLog(config, 'assigner')
  const context = await openContext(config, log)
  const stopping = new AbortController()
  const host = steppedHost(context.host, (step, run) => hooks.around(step, run))
  const clock: Clock = { ...systemClock, now: () => Date.now() + time.aheadMs }
  const reader = readerAhead(
    createReader(context.library, { clock, hookRecords: hookPaths(config.dataDir).records }),
    time,
  )
  const running = runAssigner({ ...context, host, reader, clock }, stopping.signal, own)
  return {
    async stop() {
      stopping.abort(new Error('the test stops its assigner'))
      await running
      await context[Symbol.asyncDispose]()
      log[Symbol.dispose]()
    },
  }
}

/** What agents record has their own time, which is not ahead. */
function readerAhead(reader: AgentReader, time: TestTime): AgentReader {
  return {
    read: (look) => reader.read(look),
    mayHoldAgent: (pane) => reader.mayHoldAgent(pane),
    profileOf: (agent) => reader.profileOf(agent),
    readDialog: (look, reading) => reader.readDialog(look, reading),
    dialogKeysOf: (agent) => reader.dialogKeysOf(agent),
    findTurn: (reading, text, since) => reader.findTurn(reading, text, since - time.aheadMs),
  }
}
