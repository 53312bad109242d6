import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepTestRun } from '../../../db/test-run/test-runs.ts'
import type { TestResult } from '../../../core/test-suite.ts'
import { planProject } from '../../../sources/plan/plan-project.ts'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'
import { makeSourceTree, type SourceTree } from '../../../testing/source-tree.ts'

let dashboard: TestDashboard
let person: Client
let code: SourceTree
let projectId = 0

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token()
  code = makeSourceTree({ 'a.ts': '// FIXME: loses rows\n', 'b.ts': '// TODO: young\n' })
  code.git('init', '-q')
  code.git('add', 'a.ts')
  process.env['GIT_AUTHOR_DATE'] = '2020-01-01T00:00:00Z'
  code.git('commit', '-qm', 'old')
  delete process.env['GIT_AUTHOR_DATE']
  code.git('add', '.')
  code.git('commit', '-qm', 'young')
  const { body } = await person.send<{ id: number }>('POST', '/api/projects', {
    name: 'Shop',
    root_path: code.root,
  })
  projectId = body.id
})
afterAll(async () => {
  await dashboard[Symbol.asyncDispose]()
  code[Symbol.dispose]()
})

interface Shown {
  id: number
  source: string
  title: string
  state: string
  became: string | null
  became_id: number | null
}
const suggest = async (...sources: string[]) =>
  (
    await person.send<{ items: Shown[]; added: number; returned: number; withdrawn: number }>(
      'POST',
      '/api/tasks/suggest',
      { sources },
    )
  ).body
const decide = (id: number, how: string, body: object = {}) =>
  person.send<{ suggestion: Shown; error: { message: string } }>(
    'POST',
    `/api/tasks/suggest/${id}/${how}`,
    body,
  )
const report = async (message: string) =>
  (
    await dashboard.anonymous.send<{ id: number }>('POST', '/api/errors', {
      message,
      source: 'shop.py',
      error_type: 'Fault',
    })
  ).body.id

const resultOf = (outcome: 'passed' | 'failed', beganAt: number): TestResult => ({
  suite: 'Checks',
  file: 'checks.yaml',
  outcome,
  began_at: beganAt,
  duration_ms: 1,
  counts: {
    passed: outcome === 'passed' ? 1 : 0,
    failed: outcome === 'passed' ? 0 : 1,
    error: 0,
    skipped: 0,
  },
  cases: [
    {
      name: 'login',
      outcome,
      duration_ms: 1,
      steps: [
        {
          name: 'go',
          outcome,
          duration_ms: 1,
          tries: 1,
          failures: ['status is 500; expected 200'],
          output: null,
        },
      ],
    },
  ],
})
const keepRun = (outcome: 'passed' | 'failed', beganAt: number) =>
  dashboard.web.database.write((db) => keepTestRun(db, resultOf(outcome, beganAt), 'ann', beganAt))

test('an open error is suggested once, becomes a bug that is linked with it, and is no reason any more', async () => {
  const error = await report('the cart is gone')

  const first = await suggest('error')
  const again = await suggest('error')
  const { id, title } = first.items[0]!
  const noProject = await decide(id, 'confirm')
  const confirmed = await decide(id, 'confirm', { project: 'SHO' })
  const twice = await decide(id, 'confirm', { project: 'SHO' })
  const links = await person.get(`/api/work/${confirmed.body.suggestion.became_id}/links`)

  expect([first.added, again.added, title]).toEqual([1, 0, 'Fix Fault: the cart is gone'])
  expect([noProject.status, noProject.body.error.message]).toEqual([
    400,
    expect.stringContaining('belongs to a project'),
  ])
  expect(confirmed.body.suggestion).toMatchObject({ state: 'confirmed', became: 'bug' })
  expect(twice.status).toBe(409)
  expect(JSON.stringify(links.body)).toContain(`"ref":"${error}"`)
  expect((await suggest('error')).items).toEqual([])
})

test('what was skipped does not come back, what has no reason any more goes and comes back with it', async () => {
  await report('skipped')
  const other = await report('withdrawn words')
  const { items } = await suggest('error')
  const titled = (words: string) => items.find(({ title }) => title.includes(words))!

  await decide(titled('skipped').id, 'skip')
  await person.send('POST', `/api/errors/${other}/resolve`)
  const gone = await suggest('error')
  await report('withdrawn words')
  await report('skipped')
  const back = await suggest('error')

  expect(gone).toMatchObject({ added: 0, withdrawn: 1, items: [] })
  expect(back).toMatchObject({ added: 0, returned: 1, items: [{ id: titled('withdrawn').id }] })
  expect((await decide(titled('skipped').id, 'confirm', { project: projectId })).status).toBe(409)
})

test('a failing test that was completed returns when it fails again, and not before', async () => {
  const now = Date.now()
  await keepRun('failed', now - 5_000)
  const [suggested] = (await suggest('test')).items
  await decide(suggested!.id, 'complete')
  const same = await suggest('test')
  await keepRun('failed', now + 60_000)
  const failed = await suggest('test')
  await keepRun('passed', now + 70_000)
  const passed = await suggest('test')

  expect(suggested).toMatchObject({ title: 'Make "login" of Checks pass', source: 'test' })
  expect(same.items).toEqual([])
  expect(failed).toMatchObject({ returned: 1, items: [{ id: suggested!.id }] })
  expect(passed).toMatchObject({ withdrawn: 1, items: [] })
})

test('an old note in a comment is suggested and becomes a feature; a young one is not', async () => {
  const { database, clock, config } = dashboard.web
  await planProject(
    { database, clock, dataDir: config.dataDir },
    { id: projectId, name: 'Shop', root: code.root },
  )

  const { items } = await suggest('todo')
  const confirmed = await decide(items[0]!.id, 'confirm')

  expect(items).toMatchObject([{ title: 'FIXME: loses rows', source: 'todo' }])
  expect(confirmed.body.suggestion).toMatchObject({ became: 'feature', became_id: expect.any(Number) })
})

test('a bug that nobody works on becomes one prompt, however many confirm it at the same time', async () => {
  await person.send('POST', '/api/bugs', {
    project_id: projectId,
    title: 'It `flickers`',
    severity: 'critical',
  })
  const { items } = await suggest('bug')
  const flicker = items.find(({ title }) => title.includes('flickers'))!

  const answers = await Promise.all(
    Array.from({ length: 6 }, () => decide(flicker.id, 'confirm', { as: 'prompt' })),
  )
  const status = await person.get<Shown>(`/api/tasks/suggest/${flicker.id}/status`)
  const { body } = await person.get<{ items: object[] }>('/api/prompts')

  expect(answers.filter(({ status: code }) => code === 200).length).toBeGreaterThan(0)
  expect(status.body).toMatchObject({ state: 'confirmed', became: 'prompt', became_id: expect.any(Number) })
  expect(body.items.filter((item) => JSON.stringify(item).includes('flickers'))).toHaveLength(1)
})

test('an error becomes a background task, and none with a token that may not make tasks', async () => {
  await report('needs a script')
  const { items } = await suggest('error')
  const { id } = items.find(({ title }) => title.includes('needs a script'))!
  const narrow = await dashboard.token(['read', 'prompts'], 'operator')
  const task = { type: 'shell', data: { command: 'true' } }

  const refused = await narrow.send('POST', `/api/tasks/suggest/${id}/confirm`, { as: 'task', task })
  const unsaid = await decide(id, 'confirm', { as: 'task' })
  const wrong = await decide(id, 'confirm', { as: 'task', task: { type: 'shell', data: { nothing: 1 } } })
  const made = await decide(id, 'confirm', { as: 'task', task })

  expect([refused.status, unsaid.status, wrong.status]).toEqual([403, 400, 400])
  expect(made.body.suggestion).toMatchObject({ state: 'confirmed', became: 'task' })
  const queued = await person.get(`/api/tasks/${made.body.suggestion.became_id}`)
  expect(queued.body).toMatchObject({ type: 'shell', name: 'Fix Fault: needs a script' })
})

test('looking needs a viewer, deciding an operator; what is not there is said', async () => {
  const viewer = await dashboard.token(['read'], 'viewer')

  expect((await viewer.get('/api/tasks/suggest')).status).toBe(200)
  expect((await viewer.send('POST', '/api/tasks/suggest', {})).status).toBe(403)
  expect((await viewer.send('POST', '/api/tasks/suggest/1/skip')).status).toBe(403)
  expect((await decide(999_999, 'skip')).status).toBe(404)
  expect((await person.send('POST', '/api/tasks/suggest', { sources: ['weather'] })).status).toBe(400)
})
