import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'
import { createPostgresDatabase } from '../../testing/postgres.ts'

let dashboard: TestDashboard
let person: Client

beforeAll(async () => {
  dashboard = await startDashboard({ config: { databaseUrl: await createPostgresDatabase() } })
  person = await dashboard.token()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const shell = { type: 'shell', data: { command: 'true' } }

test.each<[string, object]>([
  ['/api/tasks', { ...shell, name: 'a\0b' }],
  ['/api/tasks', { ...shell, node: 'a\0b' }],
  ['/api/tasks', { ...shell, dir: '/a\0b' }],
  ['/api/tasks', { ...shell, idempotency_key: 'a\0b' }],
  ['/api/tasks', { type: 'a\0b', data: {} }],
  ['/api/tasks', { type: 'shell', data: { command: 'a\0b' } }],
  ['/api/tasks/pause', { type: 'a\0b' }],
  ['/api/tasks/redrive', { type: 'a\0b' }],
  ['/api/schedules', { name: 'a\0b', cron: '0 0 * * *', task: shell }],
  ['/api/schedules', { name: 'zone', cron: '0 0 * * *', time_zone: 'a\0b', task: shell }],
  ['/api/workers/register', { name: 'a\0b', types: ['shell'] }],
  ['/api/workers/register', { name: 'worker', types: ['shell'], version: 'a\0b', problems: ['a\0b'] }],
  ['/api/workers/register', { name: 'worker', types: ['shell'], pid: 9_007_199_254_740_991 }],
  ['/api/projects', { name: 'a\0b' }],
  ['/api/projects', { name: 'x', root_path: '/a\0b' }],
  ['/api/features', { project_id: 9_007_199_254_740_991, title: 'x' }],
  ['/api/files/read', { path: 'a\0b', project: 'a\0b' }],
  ['/api/import-project', { path: '/a\0b' }],
  ['/api/secrets', { name: 'a\0b', value: 'x' }],
  ['/api/secrets', { name: 'NUL', value: 'a\0b', description: 'a\0b' }],
  ['/api/accounts', { service: 'a\0b', login: 'a\0b' }],
  ['/api/errors', { message: 'a\0b', source: 'a\0b', metadata: { 'a\0b': 'a\0b' } }],
  ['/api/assigner/send', { content: 'x', target_session: 'a\0b', metadata: { 'a\0b': 'a\0b' } }],
  ['/api/agents/send', { session: 'a\0b', content: 'x' }],
  ['/api/locks', { session: 'a\0b', branch: 'a\0b' }],
  ['/api/human-tasks', { title: 'a\0b', description: 'a\0b' }],
  ['/api/nodes', { name: 'a\0b' }],
  ['/login', { username: 'a\0b', password: 'a\0b' }],
  ['/api/tokens', { name: 'a\0b', scopes: ['read'] }],
  ['/api/users', { name: 'a\0b', password: 'a long password', role: 'viewer' }],
  ['/api/claude/patterns', { name: 'a\0b' }],
])('POST %s %j is answered, also on PostgreSQL', async (path, body) => {
  const { status, body: said } = await person.send('POST', path, body)

  expect({ status, said }).toMatchObject({ status: expect.toSatisfy((code: number) => code < 500) })
})

test.each<[string, string, object]>([
  ['PUT', '/api/projects/LARGE', { name: 'x', version: 9_007_199_254_740_991 }],
  ['POST', '/api/secrets/1/rollback', { version: 9_007_199_254_740_991 }],
  [
    'POST',
    '/api/tasks/1/complete',
    { run_id: 1, epoch: 9_007_199_254_740_991, exit_code: 9_007_199_254_740_991 },
  ],
])('%s %s %j with a number beyond its column is answered', async (method, path, body) => {
  await person.send('POST', '/api/projects', { name: 'Large', key: 'LARGE' })
  await person.send('POST', '/api/secrets', { name: 'LARGE', value: 'a secret value' })

  const { status, body: said } = await person.send(method, path, body)

  expect({ status, said }).toMatchObject({ status: expect.toSatisfy((code: number) => code < 500) })
})

test.each(['-1', '1e3', '9007199254740993', '999999999999999', '0x10', 'NaN', '1.5', '%ff', '__proto__'])(
  'the id %s is answered everywhere',
  async (id) => {
    const paths = ['tasks', 'projects', 'bugs', 'errors', 'milestones', 'prompts', 'schedules', 'suggestions']

    const answers = await Promise.all(paths.map((path) => person.get(`/api/${path}/${id}`)))

    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  },
)
