import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../dashboard.ts'
import { startScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { startSteppedAssigner, Hooks, type SteppedAssigner } from '../stepped-assigner.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

let dashboard: TestDashboard
let assigner: SteppedAssigner
let world: CliWorld

beforeAll(async () => {
  dashboard = await startDashboard()
  const { token } = await dashboard.token(['read', 'prompts', 'sessions'], 'operator')
  await startScriptedAgent(dashboard.server, { name: 'dev', behaviour: { answer: 'It is done.' } })
  assigner = await startSteppedAssigner(dashboard.web.config, new Hooks())
  world = await openCliWorld({ ARCHITECT_URL: dashboard.url, ARCHITECT_TOKEN: token })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await assigner.stop()
  await dashboard[Symbol.asyncDispose]()
})

test('a prompt is sent to another machine, followed to its end, and its answer read', async () => {
  const sent = await world.run(['assigner', '--send', 'Say it', '--target', 'dev', '--watch'])
  const result = await world.run(['assigner', '--result', '1'])

  expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/It is done\.\n$/) })
  expect(sent.stdout).toMatch(/prompt 1 completed by dev/)
  expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/It is done\.\n$/) })
})

test('the terminal speaks to it, one line after the other', async () => {
  const { code, stdout, stderr } = await world.run(['terminal'], {
    input: 'os:3: Say it again\nprompts\nsessions\nstatus\ncancel 99\n',
  })

  expect(stdout).toMatch(/Queued as prompt 2\./)
  expect(stdout).toContain('Say it again')
  expect(stdout).toMatch(/dev .*scripted/)
  expect(stdout).toContain(`at ${dashboard.url}`)
  expect(stderr).toMatch(/There is no prompt 99\./)
  expect(code).toBe(1)
})

test('a session is explained and tagged there', async () => {
  const explained = await world.run(['explain', 'dev'])
  const tagged = await world.run(['sessions', 'dev', '--tag', 'web'])

  expect(explained.stdout).toMatch(/^dev \(dev:0\.0, %\d+\): ○ idle/)
  expect(tagged.stdout).toBe('Session dev: worker, gets prompts, tags web.\n')
})

test('what works on this machine only is refused, and says how it is meant, with a token or without', async () => {
  const commands = [
    [],
    ['--daemon'],
    ['stop'],
    ['assigner'],
    ['assigner', '--daemon'],
    ['assigner', '--stop'],
    ['setup-sessions', 'sessions.yaml'],
    ['passwd'],
    ['hooks', 'install'],
    ['hooks', 'status'],
    ['mcp', 'install', '--agent', 'claude'],
  ]
  const env = { ARCHITECT_URL: 'https://me:hidden@pi-1:8443/', ARCHITECT_TOKEN: '' }

  const answers = await Promise.all(commands.map((args) => world.run(args, { env })))

  for (const { code, stderr } of answers) {
    expect(stderr).toMatch(
      /^architect: \S.* works on this machine only, and ARCHITECT_URL names another one \(pi-1:8443\)\. .*: ARCHITECT_URL= \.\/deploy\.sh \w/,
    )
    expect([code, stderr]).toEqual([2, expect.not.stringContaining('hidden')])
  }
})

test('what goes wrong is one sentence and the exit code 1 or 2', async () => {
  const wrong = await world.run(['status'], { env: { ARCHITECT_TOKEN: 'wrong' } })
  const nobody = await world.run(['prompts'], { env: { ARCHITECT_URL: 'http://127.0.0.1:1024' } })
  const missing = await world.run(['prompts'], { env: { ARCHITECT_TOKEN: '' } })
  const relative = await world.run(['assigner', '--send', 'x', '--dir', 'src'])
  const ghost = await world.run(['assigner', '--send', 'x', '--target', 'ghost'])
  const hook = await world.run(['locks', 'install-hook'])
  const told = await world.run(['notifications', 'list'])
  const unknown = await world.run(['lock'])

  expect(wrong).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^architect: The dashboard at .* does not take/),
  })
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/^architect: Nothing listens at/) })
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/ARCHITECT_TOKEN must be too/) })
  expect(relative).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--dir takes a folder of the machine/),
  })
  expect(ghost).toMatchObject({ code: 1, stderr: expect.stringMatching(/There is no session "ghost"/) })
  expect(hook).toMatchObject({ code: 2, stderr: expect.stringMatching(/works on this machine only/) })
  expect(told).toMatchObject({ code: 1, stderr: expect.stringMatching(/This takes the role admin/) })
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/Did you mean "locks"\?/) })
})
