import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Tier } from '../../core/hierarchy.ts'
import { endStates, type Prompt, type PromptId } from '../../core/prompt.ts'
import { listInteractions } from '../../db/interaction/read.ts'
import { lastAttempt } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import { setSessionSettings } from '../../db/session-settings.ts'
import { agentSession } from '../../launch/agent-session.ts'
import { environmentOf } from '../broker.ts'
import { registerHere, startDashboard, type Client, type TestDashboard } from '../dashboard.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { startAssignerProcess } from './real-assigner.ts'
import { askingArgs } from './situations.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { mcpDirective } from './stub-model/directives.ts'
import { startStubModel } from './stub-model/server.ts'

/** Three agents that start, think and wait for each other on a small machine. */
const withinMs = 90_000

test('one prompt leads through delegation, a rule, a review and a question to a result', async () => {
  await using scene = await startScene()
  const { dashboard, dev, admin } = scene
  const made = join(dev.dir, 'made')
  const rule = { name: 'made', effect: 'allow', conditions: { commands: [`touch ${made}`] } }
  await allow(admin, rule)

  const forDev = `Make it. [[bash touch ${made}]] [[say It is made.]]`
  const forLead = [
    'See to it.',
    mcpDirective('delegate', { to: 'dev', text: forDev }),
    mcpDirective('wait_for', {}),
    mcpDirective('review', { prompt: 3, verdict: 'accept' }),
    '[[say Dev made it.]]',
  ].join(' ')
  const forBoss = [
    'Ship it.',
    mcpDirective('delegate', { to: 'lead', text: forLead }),
    mcpDirective('wait_for', {}),
    mcpDirective('review', { prompt: 2, verdict: 'accept' }),
    mcpDirective('ask_human', { question: 'Release it now?', choices: ['yes', 'no'] }),
    '[[say Asked.]]',
  ].join(' ')
  const sent = await admin.send<{ prompt_id: PromptId }>('POST', '/api/assigner/send', {
    content: forBoss,
    target_session: 'boss',
  })
  const first = await settled(scene, sent.body.prompt_id)
  const question = await openQuestion(admin)
  await admin.send('POST', `/api/human-tasks/${question.id}/answer`, { answer: 'yes [[say Released.]]' })
  const last = await answered(scene, question.id)

  expect(first).toMatchObject({ state: 'completed', sessionName: 'boss' })
  expect(await getPrompt(dashboard.web.database.kysely, 2)).toMatchObject({
    parent: 1,
    state: 'completed',
    sessionName: 'lead',
    review: 'accepted',
  })
  expect(await getPrompt(dashboard.web.database.kysely, 3)).toMatchObject({
    parent: 2,
    state: 'completed',
    sessionName: 'dev',
    review: 'accepted',
  })
  expect(existsSync(made)).toBe(true)
  expect(await listInteractions(dashboard.web.database.kysely, { limit: 10 })).toMatchObject([
    { sessionName: 'dev', state: 'answered', decidedBy: { kind: 'pattern' } },
  ])
  expect(question).toMatchObject({ session: 'boss', question: 'Release it now?' })
  expect(last.answer).toBe('Released.')
  const story = await admin.get<{ items: { actor: { name: string } | null }[] }>('/api/activity?limit=200')
  const actors = new Set(story.body.items.map(({ actor }) => actor?.name))
  for (const name of ['boss', 'lead', 'test-admin']) expect(actors).toContain(name)
}, 300_000)

interface Scene extends AsyncDisposable {
  dashboard: TestDashboard
  admin: Client
  agents: StartedAgent[]
  dev: StartedAgent
}

/** A high-level session, a manager and its worker, each a real Claude as Architect starts it, in manual mode. */
async function startScene(): Promise<Scene> {
  const socket = `architect-story-${process.pid}-${randomUUID().slice(0, 8)}`
  const dashboard = await startDashboard({ config: { tmuxSocket: socket } })
  await registerHere(dashboard)
  const stub = await startStubModel()
  const agents = [
    await joinAs(dashboard, stub.port, socket, 'boss', 'high_level', null),
    await joinAs(dashboard, stub.port, socket, 'lead', 'manager', null),
    await joinAs(dashboard, stub.port, socket, 'dev', 'worker', 'lead'),
  ]
  const assigner = startAssignerProcess(environmentOf(dashboard.web.config.dataDir, socket))
  return {
    dashboard,
    admin: await dashboard.signIn('admin'),
    agents,
    dev: agents[2]!,
    async [Symbol.asyncDispose]() {
      await assigner.end()
      await endTmux(socket)
      await stub[Symbol.asyncDispose]()
      await dashboard[Symbol.asyncDispose]()
    },
  }
}

async function joinAs(
  { web, server }: TestDashboard,
  port: number,
  socket: string,
  name: string,
  tier: Tier,
  manager: string | null,
): Promise<StartedAgent> {
  const { database, clock, config } = web
  const settings = { tier, manager }
  await database.write((db) => setSessionSettings(db, { node: config.node, name }, settings, clock.now()))
  const argv = ['claude', ...askingArgs.claude]
  const [home, dir] = [join(server.folder, name, 'home'), join(server.folder, name, 'project')]
  const { command, env } = await agentSession(web, { name, agent: 'claude', argv, dir })
  return startAgent({ kind: 'claude', session: name, socket, home, dir, port, args: command.slice(1), env })
}

async function allow(admin: Client, rule: object) {
  const made = await admin.send<{ pattern: { id: number } }>('POST', '/api/claude/patterns', rule)
  expect(made.status).toBeLessThan(300)
  const enabled = await admin.send('PUT', `/api/claude/patterns/${made.body.pattern.id}`, { enabled: true })
  expect(enabled.status).toBe(200)
}

async function settled(scene: Scene, id: PromptId): Promise<Prompt> {
  const { kysely } = scene.dashboard.web.database
  return waitFor(
    async () => {
      const prompt = await getPrompt(kysely, id)
      return (endStates as readonly string[]).includes(prompt.state) && prompt
    },
    `the end of prompt ${id}`,
    withinMs,
  ).catch(async (error: unknown) => {
    const screens = await Promise.all(scene.agents.map(({ pane }) => pane.text()))
    throw new Error(screens.join('\n===\n'), { cause: error })
  })
}

interface Question {
  id: number
  session: string
  question: string
}

async function openQuestion(admin: Client): Promise<Question> {
  const { body } = await admin.get<{ items: Question[] }>('/api/human-tasks')
  return body.items[0]!
}

/** The prompt by which the session heard the answer, when it is over. */
async function answered(scene: Scene, question: number) {
  const { body } = await scene.admin.get<{ answer_prompt_id: PromptId }>(`/api/human-tasks/${question}`)
  const { id } = await settled(scene, body.answer_prompt_id)
  return (await lastAttempt(scene.dashboard.web.database.kysely, id))!
}
