import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { getPrompt } from '../../db/prompts.ts'
import { readSecrets } from '../../suites/hide-secrets.ts'
import { parseSuite } from '../../suites/load-suite.ts'
import { runSuite } from '../../suites/run-suite.ts'
import { environmentOf } from '../broker.ts'
import { startDashboard, type TestDashboard } from '../dashboard.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { startAssignerProcess } from './real-assigner.ts'
import { askingArgs } from './situations.ts'
import { startAgent, type StartedAgent } from './start.ts'
import { startStubModel } from './stub-model/server.ts'

test('a suite asks a real Claude Code, answers what it asks, and takes back what takes too long', async () => {
  await using scene = await startScene()
  const { dashboard, dev } = scene
  const made = join(dev.dir, 'made')
  const suite = `
name: a real agent
step_timeout_seconds: 60
cases:
  - name: one asks
    steps:
      - prompt: { content: "Make it. [[bash touch ${made}]] [[say It is made.]]", target_session: dev, wait_for: queued }
        capture: { id: prompt_id }
      - { tmux: { session: dev }, retry_seconds: 60, expect: { screen: { contains: Do you want to proceed? } } }
      - { tmux: { session: dev, keys: [Enter], raw: true } }
      - http: { url: "/api/assigner/prompts/\${id}" }
        retry_seconds: 60
        expect: { json.state: completed, json.answer: { contains: It is made. } }
  - name: one answers
    steps: [{ prompt: { content: "Say it. [[say Here.]]", target_session: dev }, expect: { answer: Here. } }]
  - name: one takes too long
    steps: [{ prompt: { content: "Wait. [[sleep 120]]", target_session: dev }, timeout_seconds: 4 }]
`

  const result = await runSuite(parseSuite(suite, 'real.yaml'), {
    file: 'real.yaml',
    dashboard: { url: dashboard.url, token: (await dashboard.token()).token },
    secrets: readSecrets([], {}),
    variables: new Map(),
    clock: systemClock,
    signal: new AbortController().signal,
  })

  expect(result.cases.map(({ steps }) => steps.flatMap(({ failures }) => failures))).toEqual([
    [],
    [],
    [
      expect.stringMatching(
        /^It took longer than 4 s\. Prompt 3 was in progress in dev; it was taken back\.$/,
      ),
    ],
  ])
  expect(existsSync(made)).toBe(true)
  const isCancelled = async () => (await getPrompt(dashboard.web.database.kysely, 3)).state === 'cancelled'
  await waitFor(isCancelled, 'the end of the prompt that was taken back')
})

interface Scene extends AsyncDisposable {
  dashboard: TestDashboard
  dev: StartedAgent
}

async function startScene(): Promise<Scene> {
  const socket = `architect-suite-${process.pid}-${randomUUID().slice(0, 8)}`
  const dashboard = await startDashboard({ config: { tmuxSocket: socket } })
  const stub = await startStubModel()
  const { folder } = dashboard.server
  const places = { home: join(folder, 'dev', 'home'), dir: join(folder, 'dev', 'project') }
  const wish = { kind: 'claude', session: 'dev', socket, port: stub.port, args: askingArgs.claude } as const
  const dev = await startAgent({ ...wish, ...places })
  const assigner = startAssignerProcess(environmentOf(dashboard.web.config.dataDir, socket))
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
