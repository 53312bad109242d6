import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAssigner } from '../../../workers/assigner.ts'
import { submit } from '../../broker/commands.ts'
import { readConfig } from '../../config.ts'
import { openContext } from '../../context.ts'
import type { Attempt } from '../../core/attempt.ts'
import type { PermissionDecider } from '../../core/hook.ts'
import { endStates, type Prompt, type PromptId } from '../../core/prompt.ts'
import { lastAttempt } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { HookedAgent } from '../../hooks/messages/read.ts'
import { prepareHookFolder } from '../../hooks/prepare.ts'
import { installHooks } from '../../hooks/settings/install.ts'
import { openLog } from '../../log.ts'
import { environmentOf } from '../broker.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { askingArgs } from './situations.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { startStubModel } from './stub-model/server.ts'

/** A real agent with Architect's hooks in its settings, and the assigner in this process. */
export interface HookedBroker extends AsyncDisposable {
  agent: StartedAgent
  /** The hook program. */
  program: string
  /** What the hooks told that was taken in, of every agent. */
  told(): Promise<string>
  send(content: string): Promise<PromptId>
  settled(id: PromptId): Promise<{ prompt: Prompt; attempt: Attempt }>
}

const withinMs = 60_000

export async function startHookedBroker(kind: HookedAgent, decide: PermissionDecider): Promise<HookedBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'architect-hooked-'))
  const socket = `architect-hooked-${kind}-${process.pid}-${randomUUID().slice(0, 8)}`
  const config = readConfig(environmentOf(join(folder, 'data'), socket))
  const [home, dir] = [join(folder, 'home'), join(folder, 'project')]
  const { program, records } = await prepareHookFolder(config.dataDir)
  const stub = await startStubModel()
  const agent = await startAgent({
    kind,
    session: kind,
    socket,
    home,
    dir,
    port: stub.port,
    args: askingArgs[kind],
    beforeStart: () => installHooks(kind, program, { env: { HOME: home }, project: null }),
  })
  if (kind === 'codex') await trustHooks(agent)
  const log = openLog(config, 'assigner')
  const context = await openContext(config, log)
  const stopping = new AbortController()
  const running = runAssigner(context, stopping.signal, { decidePermission: decide })
  const { database } = context
  return {
    agent,
    program,
    async told() {
      // Not what is being written.
      const files = (await readdir(records)).filter((name) => name.endsWith('.json'))
      return (await Promise.all(files.map((file) => readFile(join(records, file), 'utf8')))).join('\n')
    },
    send: async (content) => (await submit(database, { content }, Date.now())).prompt.id,
    settled: (id) =>
      waitFor(
        async () => {
          const prompt = await getPrompt(database.kysely, id)
          const attempt = await lastAttempt(database.kysely, id)
          return attempt && (endStates as readonly string[]).includes(prompt.state) && { prompt, attempt }
        },
        `the end of prompt ${id}`,
        withinMs,
      ).catch(async (error: unknown) => {
        throw new Error(await agent.pane.text(), { cause: error })
      }),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the test is over'))
      await running
      await context[Symbol.asyncDispose]()
      log[Symbol.dispose]()
      await endTmux(socket)
      await stub[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** What Codex asks of a person before it runs a hook for the first time. */
async function trustHooks({ pane }: StartedAgent) {
  await pane.waitFor(/Hooks need review/)
  await pane.press('Down')
  await pane.waitFor(/› 2\. Trust all/)
  await pane.press('Enter')
  await pane.waitFor(/^› Ask Codex/m)
}
