import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { submit } from '../../broker/commands.ts'
import type { Attempt } from '../../core/attempt.ts'
import { endStates, type NewPrompt, type Prompt, type PromptId } from '../../core/prompt.ts'
import { attemptsOf, lastAttempt } from '../../db/attempts.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'
import { environmentOf } from '../broker.ts'
import type { Place } from '../chaos/plan.ts'
import { Hooks, type TestTime } from '../stepped-assigner.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { dieAt, startAssignerHere, startAssignerProcess } from './real-assigner.ts'
import { startAgent, type AgentWish, type StartedAgent } from './start.ts'
import { startStubModel, type StubModel } from './stub-model/server.ts'
import type { RealAgentKind } from './versions.ts'

/** A real agent in a private tmux, a stub model behind it, and the assigner as a process of its own before it. */
export interface RealBroker extends AsyncDisposable {
  agent: StartedAgent
  stub: StubModel
  database: Database
  /** What a test wants to happen between steps; only an assigner that works `here` knows them. */
  hooks: Hooks
  /** The time of an assigner that works `here`. */
  time: TestTime
  send(content: string, more?: Partial<NewPrompt>): Promise<PromptId>
  /** The prompt and its last attempt, as soon as `is` holds. */
  when(
    id: PromptId,
    is: (prompt: Prompt, attempt: Attempt | null) => boolean,
  ): Promise<{ prompt: Prompt; attempt: Attempt }>
  settled(id: PromptId): Promise<{ prompt: Prompt; attempt: Attempt; attempts: Attempt[] }>
  /** SIGKILLs the assigner and starts another one. */
  killAssigner(): Promise<void>
  /** Sends a prompt to an assigner that is killed as soon as it comes to `place`; then another one works. */
  sendAndKillAt(place: Place, content: string): Promise<PromptId>
}

export interface RealBrokerWish extends Pick<AgentWish, 'args' | 'subscription'> {
  /** The assigner works in the test's own process, with the hooks and the time of the test. */
  here?: boolean
  /** More arguments, that name what the assigner works on. */
  argsFor?(environment: Record<string, string>): string[]
  /** A prompt that waits, with the assigner already at work, for the agent to come up. */
  waiting?: string
}

/** Real agents on a loaded machine with two cores take their time. */
const withinMs = 60_000

export async function startRealBroker(kind: RealAgentKind, wish: RealBrokerWish = {}): Promise<RealBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'architect-real-'))
  const socket = `architect-real-${kind}-${process.pid}-${randomUUID().slice(0, 8)}`
  const dataDir = join(folder, 'data')
  const environment = environmentOf(dataDir, socket)
  const hooks = new Hooks()
  const time: TestTime = { aheadMs: 0 }
  const stub = await startStubModel()
  const [home, dir] = [join(folder, 'home'), join(folder, 'project')]
  const args = [...(wish.args ?? []), ...(wish.argsFor?.(environment) ?? [])]
  const wanted = { ...wish, args, kind, session: kind, socket, home, dir, port: stub.port }
  const database = await openDatabase({ dataDir })
  const send: RealBroker['send'] = async (content, more = {}) =>
    (await submit(database, { content, ...more }, Date.now())).prompt.id
  const startAssigner = async () =>
    wish.here === true ? startAssignerHere(environment, hooks, time) : startAssignerProcess(environment)
  const early = wish.waiting === undefined ? null : await startAssigner()
  if (wish.waiting !== undefined) await send(wish.waiting)
  const agent = await startAgent(wanted).catch(async (error: unknown) => {
    await early?.end()
    await database[Symbol.asyncDispose]()
    await endTmux(socket)
    await stub[Symbol.asyncDispose]()
    throw error
  })
  let assigner = early ?? (await startAssigner())
  const when: RealBroker['when'] = async (id, is) =>
    waitFor(
      async () => {
        const prompt = await getPrompt(database.kysely, id)
        const attempt = await lastAttempt(database.kysely, id)
        return attempt && is(prompt, attempt) ? { prompt, attempt } : null
      },
      `what is expected of prompt ${id}`,
      withinMs,
    ).catch(async (error: unknown) => {
      const { state, reason, waitingFor, attention } = await getPrompt(database.kysely, id)
      const screen = await agent.pane.text()
      throw new Error(`${JSON.stringify({ state, reason, waitingFor, attention })}\n${screen}`, {
        cause: error,
      })
    })
  return {
    agent,
    stub,
    database,
    hooks,
    time,
    when,
    send,
    async settled(id) {
      const found = await when(id, ({ state }) => (endStates as readonly string[]).includes(state))
      return { ...found, attempts: await attemptsOf(database.kysely, id) }
    },
    async killAssigner() {
      await assigner.end()
      assigner = await startAssigner()
    },
    async sendAndKillAt(place, content) {
      await assigner.end()
      const id = await send(content)
      await dieAt(environment, place)
      assigner = await startAssigner()
      return id
    },
    async [Symbol.asyncDispose]() {
      await assigner.end()
      await database[Symbol.asyncDispose]()
      await endTmux(socket)
      await stub[Symbol.asyncDispose]()
      await sleep(500)
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}
