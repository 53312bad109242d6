import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { submit } from '../../broker/commands.ts'
import { packageRoot } from '../../core/paths.ts'
import type { Attempt } from '../../core/attempt.ts'
import { endStates, type NewPrompt, type Prompt, type PromptId } from '../../core/prompt.ts'
import { attemptsOf, lastAttempt } from '../../db/attempts.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { startAgent, type AgentWish, type StartedAgent } from './start.ts'
import { startStubModel, type StubModel } from './stub-model/server.ts'
import type { RealAgentKind } from './versions.ts'

/** A real agent in a private tmux, a stub model behind it, and the assigner as a process of its own before it. */
export interface RealBroker extends AsyncDisposable {
  agent: StartedAgent
  stub: StubModel
  database: Database
  send(content: string, more?: Partial<NewPrompt>): Promise<PromptId>
  /** The prompt and its last attempt, as soon as `is` holds. */
  when(
    id: PromptId,
    is: (prompt: Prompt, attempt: Attempt | null) => boolean,
  ): Promise<{ prompt: Prompt; attempt: Attempt }>
  settled(id: PromptId): Promise<{ prompt: Prompt; attempt: Attempt; attempts: Attempt[] }>
  /** SIGKILLs the assigner and starts another one. */
  killAssigner(): Promise<void>
}

/** Real agents on a loaded machine with two cores take their time. */
const withinMs = 60_000

export async function startRealBroker(
  kind: RealAgentKind,
  more: Pick<AgentWish, 'args' | 'subscription'> = {},
): Promise<RealBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'architect-real-'))
  const socket = `architect-real-${kind}-${process.pid}-${randomUUID().slice(0, 8)}`
  const dataDir = join(folder, 'data')
  const stub = await startStubModel()
  const [home, dir] = [join(folder, 'home'), join(folder, 'project')]
  const agent = await startAgent({ kind, session: kind, socket, home, dir, port: stub.port, ...more })
  const database = await openDatabase({ dataDir })
  let assigner = startAssigner(dataDir, socket)
  const when: RealBroker['when'] = async (id, is) =>
    waitFor(
      async () => {
        const prompt = await getPrompt(database.kysely, id)
        const attempt = await lastAttempt(database.kysely, id)
        return attempt && is(prompt, attempt) ? { prompt, attempt } : null
      },
      `what is expected of prompt ${id}`,
      withinMs,
    )
  return {
    agent,
    stub,
    database,
    when,
    send: async (content, more = {}) => (await submit(database, { content, ...more }, Date.now())).prompt.id,
    async settled(id) {
      const found = await when(id, ({ state }) => (endStates as readonly string[]).includes(state))
      return { ...found, attempts: await attemptsOf(database.kysely, id) }
    },
    async killAssigner() {
      await end(assigner)
      assigner = startAssigner(dataDir, socket)
    },
    async [Symbol.asyncDispose]() {
      await end(assigner)
      await database[Symbol.asyncDispose]()
      await endTmux(socket)
      await stub[Symbol.asyncDispose]()
      await sleep(500)
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function startAssigner(dataDir: string, socket: string): ChildProcess {
  const program = join(packageRoot, 'workers/assigner.main.ts')
  const env = {
    ...process.env,
    ARCHITECT_DATA: dataDir,
    ARCHITECT_TMUX_SOCKET: socket,
    ARCHITECT_NODE: 'real',
  }
  return spawn(process.execPath, ['--import', 'tsx', program], { env, cwd: packageRoot, stdio: 'ignore' })
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
