import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { usagePerSession } from '../../db/usage.ts'
import { agentSession } from '../../launch/agent-session.ts'
import { hookPaths } from '../../hooks/paths.ts'
import { openSpool } from '../../hooks/spool.ts'
import type { HookMessage } from '../../core/hook.ts'
import { registerHere, startDashboard } from '../dashboard.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { sayHeard } from './say-heard.ts'
import { startAgent } from './start.ts'
import { startStubModel } from './stub-model/server.ts'

test('a real claude that Architect starts has hooks, and tells its tokens and costs itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'architect-told-'))
  const socket = `architect-told-${process.pid}-${randomUUID().slice(0, 8)}`
  await using dashboard = await startDashboard()
  await using stub = await startStubModel()
  await using spool = await openSpool({ dataDir: folder, log: { warn: () => undefined } })
  const { database, clock, config } = dashboard.web
  await registerHere(dashboard)
  const heard: HookMessage[] = []
  await spool.listen(async (message) => void heard.push(message))
  const surroundings = { database, clock, config: { ...config, dataDir: folder, node: 'here' } }
  const started = await agentSession(surroundings, {
    name: 'dev',
    agent: 'claude',
    argv: ['claude'],
    dir: join(folder, 'project'),
  })
  const [, ...args] = started.command

  const agent = await startAgent({
    kind: 'claude',
    session: 'dev',
    socket,
    home: join(folder, 'home'),
    dir: join(folder, 'project'),
    port: stub.port,
    args,
    env: { ...started.env, OTEL_METRIC_EXPORT_INTERVAL: '1000', OTEL_LOGS_EXPORT_INTERVAL: '1000' },
  })
  await sayHeard(agent, stub, 'count this')

  const usage = await waitFor(
    async () => {
      const rows = await usagePerSession(database.kysely, clock.now())
      return rows.some(({ tokensOut, requests }) => tokensOut > 0 && requests > 0) && rows
    },
    'tokens and requests',
    60_000,
  ).catch(async (error: unknown) => {
    throw new Error(await agent.pane.text(), { cause: error })
  })
  await endTmux(socket)
  expect(usage[0]).toMatchObject({ node: 'here', name: 'dev' })
  expect(usage.some(({ costUsd }) => costUsd > 0)).toBe(true)
  expect(heard.find(({ type }) => type === 'prompt_received')).toMatchObject({
    architectSession: 'dev',
    text: 'count this',
  })
  expect(hookPaths(folder).sessionSettings).toBe(args[1])
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
})
