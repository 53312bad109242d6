import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PromptId } from '../../core/prompt.ts'
import { listInteractions } from '../../db/interaction/read.ts'
import { setSessionSettings } from '../../db/session-settings.ts'
import { agentSession } from '../../launch/agent-session.ts'
import { environmentOf } from '../broker.ts'
import { registerHere, startDashboard, type TestDashboard } from '../dashboard.ts'
import { joinAs } from '../mcp-session.ts'
import { endTmux } from './pane.ts'
import { startAssignerProcess } from './real-assigner.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { startStubModel } from './stub-model/server.ts'

interface Waited {
  ended: { prompt: PromptId }[]
  open?: { prompt: PromptId; asks?: { interaction: number; kind: string; options: string[] } }[]
}

interface Scene extends AsyncDisposable {
  dashboard: TestDashboard
  dev: StartedAgent
}

/** A real Claude as Architect starts it, in its plan mode, the worker of `lead`, and an assigner. */
async function startScene(): Promise<Scene> {
  const socket = `architect-answers-${process.pid}-${randomUUID().slice(0, 8)}`
  const dashboard = await startDashboard({ config: { tmuxSocket: socket } })
  await registerHere(dashboard)
  const { web, server } = dashboard
  const stub = await startStubModel()
  const session = { node: web.config.node, name: 'dev' }
  const settings = { tier: 'worker', manager: 'lead' } as const
  await web.database.write((db) => setSessionSettings(db, session, settings, web.clock.now()))
  const [home, dir] = [join(server.folder, 'home'), join(server.folder, 'project')]
  const argv = ['claude', '--permission-mode', 'plan']
  const { command, env } = await agentSession(web, { name: 'dev', agent: 'claude', argv, dir })
  const wish = { kind: 'claude', session: 'dev', socket, home, dir, port: stub.port, env } as const
  const dev = await startAgent({ ...wish, args: command.slice(1) })
  const assigner = startAssignerProcess(environmentOf(web.config.dataDir, socket))
  return {
    dashboard,
    dev,
    async [Symbol.asyncDispose]() {
      await assigner.end()
      await endTmux(socket)
      await stub[Symbol.asyncDispose]()
      await dashboard[Symbol.asyncDispose]()
    },
  }
}

test('a manager hears by its tools what a real Claude asks, and answers it: a question, then a plan', async () => {
  await using scene = await startScene()
  const { dashboard, dev } = scene
  const lead = await joinAs(dashboard, 'lead', { tier: 'manager' })
  const give = async (text: string) =>
    (await lead.ask<{ prompt: PromptId }>('delegate', { to: 'dev', text })).prompt
  const asksOf = async (prompt: PromptId) => {
    const { open = [] } = await lead.ask<Waited>('wait_for', { prompts: [prompt] })
    if (!open[0]?.asks) throw new Error(await dev.pane.text())
    return open[0].asks
  }

  const first = await give('please [[ask]] [[say Chosen.]]')
  const question = await asksOf(first)
  const chosen = await lead.ask('answer', { interaction: question.interaction, option: 2 })
  const ended = await lead.ask<Waited>('wait_for', { prompts: [first] })
  const second = await give('please [[plan]] [[say Begun.]]')
  const plan = await asksOf(second)
  const begun = await lead.ask('answer', { interaction: plan.interaction, say: 'approve' })
  const done = await lead.ask<Waited>('wait_for', { prompts: [second] })

  expect(question).toMatchObject({
    kind: 'question',
    options: expect.arrayContaining(['2 Postgres (A server)']),
  })
  expect(plan).toMatchObject({ kind: 'plan' })
  expect([chosen, begun]).toEqual(['Answered.', 'Answered.'])
  expect([ended, done]).toMatchObject([
    { ended: [{ prompt: first, state: 'completed', answer: 'Chosen.' }] },
    { ended: [{ prompt: second, state: 'completed', answer: 'Begun.' }] },
  ])
  expect(await dev.pane.text()).toMatch(/Begun\./)
  const by = { kind: 'session', node: 'test', name: 'lead' }
  const answered = await listInteractions(dashboard.web.database.kysely, { limit: 9, states: ['answered'] })
  expect(answered.map(({ id, kind, decidedBy }) => ({ id, kind, decidedBy }))).toEqual([
    { id: plan.interaction, kind: 'plan', decidedBy: by },
    { id: question.interaction, kind: 'question', decidedBy: by },
  ])
}, 180_000)
