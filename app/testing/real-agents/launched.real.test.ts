import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { HookMessage } from '../../core/hook.ts'
import { openSpool } from '../../hooks/spool.ts'
import { agentSession } from '../../launch/agent-session.ts'
import type { AgentSession } from '../../launch/equip.ts'
import { registerHere, startDashboard, type TestDashboard } from '../dashboard.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { sayHeard } from './say-heard.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { mcpDirective } from './stub-model/directives.ts'
import { startStubModel, type StubModel } from './stub-model/server.ts'
import type { RealAgentKind } from './versions.ts'

/*
 * What a session of Architect has without anything being installed. Claude's part is in the tests of telemetry
 * and in the story.
 */

test('a Codex that Architect starts has tools, and hooks as soon as a person trusts them', async () => {
  await using scene = await launch('codex')
  const { agent, heard, session } = scene
  await agent.pane.waitFor(/Hooks need review/)
  await agent.pane.press('Down')
  await agent.pane.waitFor(/› 2\. Trust all/)
  await agent.pane.press('Enter')
  await agent.pane.waitFor(/^› Ask Codex/m)

  await sayHeard(agent, scene.stub, `go on ${logging}`)
  await agent.pane.waitFor(/ECHO sha/)
  const received = await waitFor(
    async () => heard.find(({ type }) => type === 'prompt_received'),
    'the receipt by hook',
  )
  const again = await scene.launchAgain()

  expect(session.note).toContain('Hooks need review')
  expect(received).toMatchObject({ architectSession: 'codex', agent: 'codex' })
  expect(await loggedErrors(scene)).toEqual([
    { noun: 'session', noun_id: `${scene.dashboard.web.config.node}/codex` },
  ])
  expect(again.note).toBeNull()
})

test('an opencode that Architect starts has tools', async () => {
  await using scene = await launch('opencode')

  await sayHeard(scene.agent, scene.stub, `go on ${logging}`)
  await scene.agent.pane.waitFor(/ECHO sha/, 90_000)

  expect(await loggedErrors(scene)).toEqual([
    { noun: 'session', noun_id: `${scene.dashboard.web.config.node}/opencode` },
  ])
}, 300_000)

const logging = mcpDirective('log_error', { message: 'told over MCP' })

/** Whose errors were kept, by the tool that the agent was told to call. */
function loggedErrors({ dashboard }: Scene) {
  const { kysely } = dashboard.web.database
  return kysely.selectFrom('events').select(['noun', 'noun_id']).where('type', '=', 'error').execute()
}

interface Scene extends AsyncDisposable {
  dashboard: TestDashboard
  agent: StartedAgent
  stub: StubModel
  session: AgentSession
  heard: HookMessage[]
  launchAgain(): Promise<AgentSession>
}

/** A real agent in the way in which Architect starts it beside a dashboard, which hears its hooks as well. */
async function launch(kind: RealAgentKind): Promise<Scene> {
  const socket = `architect-launched-${process.pid}-${randomUUID().slice(0, 8)}`
  const dashboard = await startDashboard()
  await registerHere(dashboard)
  const stub = await startStubModel()
  const { dataDir } = dashboard.web.config
  const spool = await openSpool({ dataDir, log: { warn: () => undefined } })
  const heard: HookMessage[] = []
  await spool.listen(async (message) => void heard.push(message))
  const [home, dir] = [join(dashboard.server.folder, 'home'), join(dashboard.server.folder, 'project')]
  const wanted = { name: kind, agent: kind, argv: [kind], dir, userEnv: { HOME: home } }
  const session = await agentSession(dashboard.web, wanted)
  const args = session.command.slice(1).map(quote)
  const agent = await startAgent({
    kind,
    session: kind,
    socket,
    home,
    dir,
    port: stub.port,
    args,
    env: session.env,
  })
  return {
    dashboard,
    agent,
    stub,
    session,
    heard,
    launchAgain: () => agentSession(dashboard.web, wanted),
    async [Symbol.asyncDispose]() {
      await endTmux(socket)
      await spool[Symbol.asyncDispose]()
      await stub[Symbol.asyncDispose]()
      await dashboard[Symbol.asyncDispose]()
    },
  }
}

/** One word for the shell in the pane. */
function quote(word: string): string {
  return `'${word.replaceAll(`'`, `'\\''`)}'`
}
