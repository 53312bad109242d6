import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import type { TestResult } from '../../core/test-suite.ts'
import { setSessionSettings } from '../../db/session-settings.ts'
import { readSecrets } from '../../suites/hide-secrets.ts'
import { parseSuite } from '../../suites/load-suite.ts'
import { runSuite } from '../../suites/run-suite.ts'
import { startDashboard, type Client, type TestDashboard } from '../dashboard.ts'
import { startScriptedAgent, type ScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { Hooks, startSteppedAssigner, type SteppedAssigner } from '../stepped-assigner.ts'
import { waitFor } from '../wait-for.ts'

let dashboard: TestDashboard
let assigner: SteppedAssigner
let client: Client & { token: string }
let ada: ScriptedAgent

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'sessions', 'prompts'], 'operator')
  ada = await startScriptedAgent(dashboard.server, { name: 'ada', behaviour: {} })
  await dashboard.server.open({ name: 'shell', command: ['sh'] })
  assigner = await startSteppedAssigner(dashboard.web.config, new Hooks())
})
afterAll(async () => {
  await assigner.stop()
  await dashboard[Symbol.asyncDispose]()
})

/** Of a suite of one case; each step is a line of YAML. */
function runCase(steps: readonly string[], signal = new AbortController().signal): Promise<TestResult> {
  const lines = steps.map((step) => `      - ${step}\n`).join('')
  return runSuite(parseSuite(`name: s\ncases:\n  - name: c\n    steps:\n${lines}`, 'test.yaml'), {
    file: 'test.yaml',
    dashboard: { url: dashboard.url, token: client.token },
    secrets: readSecrets([], {}),
    variables: new Map(),
    clock: systemClock,
    signal,
  })
}

const stepsOf = (result: TestResult) => result.cases[0]!.steps
const failuresOf = (result: TestResult) => stepsOf(result).flatMap(({ failures }) => failures)

/** How the last prompt that anybody sent stands. */
async function lastPrompt(): Promise<{ id: number; state: string; content: string }> {
  const { body } = await client.get<{ items: { id: number; state: string; content: string }[] }>(
    '/api/assigner/prompts?limit=1',
  )
  return body.items[0]!
}

function pauseAda(paused: boolean) {
  const { database, clock, host } = dashboard.web
  return database.write((db) =>
    setSessionSettings(db, { node: host.node, name: 'ada' }, { paused }, clock.now()),
  )
}

const whenLast = (state: string) =>
  waitFor(async () => ((await lastPrompt()).state === state ? true : null), `a prompt that is ${state}`)

describe('a step types into a session', () => {
  test('and reads what came of it', async () => {
    const result = await runCase([
      '{ tmux: { session: shell, send: "echo sum $$((3 + 4))" } }',
      '{ tmux: { session: shell }, retry_seconds: 20, expect: { screen: { contains: "sum 7" } } }',
      '{ tmux: { session: shell, send: "echo typed", submit: false } }',
      '{ tmux: { session: shell, keys: [C-c] } }',
    ])

    expect(failuresOf(result)).toEqual([])
  })

  test('but not past the queue into an agent, unless it says so', async () => {
    const result = await runCase(['{ tmux: { session: ada, send: hello } }'])

    expect(failuresOf(result)).toEqual([expect.stringMatching(/^The dashboard refused: .*holds an agent/)])
  })

  test('that is not there, and says so', async () => {
    const result = await runCase(['{ tmux: { session: nobody } }'])

    expect(failuresOf(result)).toEqual([expect.stringMatching(/^The dashboard refused: .*nobody/)])
  })
})

describe('a prompt step', () => {
  test('waits for the answer of a live agent', async () => {
    await ada.tell({ answer: 'forty-two' })

    const result = await runCase([
      '{ prompt: { content: what is it, target_session: ada }, expect: { answer: { contains: forty-two } }, capture: { id: prompt_id } }',
      '{ http: { url: "/api/assigner/prompts/${id}" }, expect: { json.state: completed, json.session_name: ada } }',
    ])

    expect(failuresOf(result)).toEqual([])
    expect((await ada.prompts()).at(-1)).toBe('what is it')
  })

  test('only queues it, so that later steps answer what its agent asks', async () => {
    await ada.tell({ ask: 'permission' })

    const result = await runCase([
      '{ prompt: { content: ask me, target_session: ada, wait_for: queued }, expect: { state: pending }, capture: { id: prompt_id } }',
      '{ tmux: { session: ada }, retry_seconds: 20, expect: { screen: { contains: "Allow this command?" } } }',
      '{ tmux: { session: ada, keys: [Enter], raw: true } }',
      '{ http: { url: "/api/assigner/prompts/${id}" }, retry_seconds: 20, expect: { json.state: completed } }',
    ])

    expect(failuresOf(result)).toEqual([])
  })

  test('whose agent asks for permission until its time is over says so, and takes the prompt back', async () => {
    await ada.tell({ ask: 'permission' })

    const result = await runCase(['{ prompt: { content: may I, target_session: ada }, timeout_seconds: 3 }'])

    expect(failuresOf(result)).toEqual([
      expect.stringMatching(
        /^It took longer than 3 s\. Prompt \d+ was in progress in ada, which asks for permission; it was taken back\.$/,
      ),
    ])
    await whenLast('cancelled')
  })

  test('whose time is over before anybody took it leaves nothing in the queue', async () => {
    await pauseAda(true)

    const result = await runCase([
      '{ prompt: { content: nobody does this, target_session: ada }, timeout_seconds: 1 }',
    ])
    await pauseAda(false)

    expect(failuresOf(result)).toEqual([
      expect.stringMatching(/^It took longer than 1 s\. Prompt \d+ was pending.*; it was taken back\.$/),
    ])
    expect(await lastPrompt()).toMatchObject({ state: 'cancelled', content: 'nobody does this' })
  })

  test('does not pass when its prompt fails', async () => {
    await startScriptedAgent(dashboard.server, {
      name: 'mortal',
      behaviour: { thinkMs: 5_000, events: [{ on: 'submit', afterMs: 100, do: 'exit' }] },
    })

    const result = await runCase(['{ prompt: { content: die, target_session: mortal } }'])

    expect(failuresOf(result)).toEqual(['state is "failed"; expected "completed"'])
  })
})

test('a suite that is ended in the middle leaves no session and no prompt behind', async () => {
  await ada.tell({ thinkMs: 60_000 })
  const ending = new AbortController()

  const running = runCase(
    [
      '{ http: { method: POST, url: /api/tmux/create, json: { session_name: of-suite, command: [cat] } }, expect: { status: 200 } }',
      '{ prompt: { content: think long, target_session: ada } }',
      '{ shell: { command: ["true"] } }',
      '{ http: { method: POST, url: /api/tmux/kill, json: { session_name: of-suite } }, always: true, expect: { status: 200 } }',
    ],
    ending.signal,
  )
  await whenLast('in_progress')
  ending.abort(new Error('Stopped by SIGINT.'))
  const begun = performance.now()
  const result = await running
  const tookMs = performance.now() - begun

  expect(stepsOf(result).map(({ outcome }) => outcome)).toEqual(['passed', 'error', 'skipped', 'passed'])
  expect(tookMs).toBeLessThan(10_000)
  expect(await dashboard.server.run('list-sessions', '-F', '#{session_name}')).not.toContain('of-suite')
  await whenLast('cancelled')
})
