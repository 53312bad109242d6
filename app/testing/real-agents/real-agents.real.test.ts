import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadLibrary } from '../../agents/library.ts'
import { createAgentFinder, type AgentProcess } from '../../agents/process.ts'
import { createStatusReader } from '../../agents/status-file.ts'
import { createTranscripts } from '../../agents/transcript/find-turn.ts'
import type { Turn } from '../../core/turn.ts'
import { endTmux } from './pane.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { echoOf } from './stub-model/answer.ts'
import { startStubModel, type StubModel } from './stub-model/server.ts'
import { realAgents, type RealAgentKind } from './versions.ts'

describe.each(['claude', 'codex'] satisfies RealAgentKind[])('the pinned %s', (kind) => {
  const socket = `real-${kind}-${process.pid}`
  const transcripts = createTranscripts()
  let folder: string
  let stub: StubModel
  let agent: StartedAgent
  let found: AgentProcess

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'real-'))
    stub = await startStubModel()
    const [home, dir] = [join(folder, 'home'), join(folder, 'project')]
    agent = await startAgent({ kind, session: kind, socket, home, dir, port: stub.port })
    const recognisers = [...loadLibrary().values()].map((rules) => rules.process)
    const process = createAgentFinder(recognisers).find(await agent.pane.pid())
    if (!process) throw new Error('no agent was found in the pane')
    found = process
  })

  afterAll(async () => {
    await endTmux(socket)
    await stub[Symbol.asyncDispose]()
    await sleep(500)
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  })

  test('is found in its pane', () => {
    expect(found).toMatchObject({ kind, cwd: agent.dir, home: agent.home })
  })

  test('gets a text of several lines whole, and its record tells the turn', async () => {
    const text = 'one\n\ttwo "three"\n$four `five`;\n  six é 漢 🙂\nseven'
    const turn = await turnAfter(text)

    expect(turn).toMatchObject({ how: 'completed', tokensIn: 100, tokensOut: 20 })
    expect(turn?.answer).toBe(echoOf(stub.prompts().at(-1) ?? ''))
  })

  test('records an interrupt', async () => {
    const turn = await turnAfter('slow [[stream 20]] [[long 40]]', async () => {
      await sleep(3000)
      await agent.pane.press('Escape')
    })

    expect(turn?.how).toBe('interrupted')
  })

  test('records an error of its model', async () => {
    await sleep(1000)
    await agent.pane.press('C-u')
    const turn = await turnAfter('fail [[error 400]]')

    expect(turn?.how).toBe('error')
    expect(turn?.error).toContain('400')
  })

  test('says in its status file what it does, if it has one', async () => {
    const status = createStatusReader()
    const idle = status.read(found)
    await agent.pane.say('wait [[sleep 4]]')
    await sleep(2000)
    const busy = status.read(found)

    const version = realAgents.claude.version
    expect([idle?.status, busy?.status, busy?.version]).toEqual(
      kind === 'claude' ? ['idle', 'busy', version] : [undefined, undefined, undefined],
    )
  })

  /** Says `text`, waits up to 30 s until the agent's record shows the end of its turn. */
  async function turnAfter(text: string, meanwhile?: () => Promise<void>): Promise<Turn | null> {
    const since = Date.now()
    await agent.pane.say(text)
    await meanwhile?.()
    let turn: Turn | null = null
    for (let tries = 0; tries < 150 && !turn?.endedAt; tries += 1) {
      await sleep(200)
      const sessionId = createStatusReader().read(found)?.sessionId ?? null
      turn = transcripts.findTurn({ agent: found, sessionId, text, since })
    }
    return turn
  }
})
