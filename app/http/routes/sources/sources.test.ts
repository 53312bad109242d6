import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { getPrompt } from '../../../db/prompt/read.ts'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'
import { makeSourceTree, type SourceTree } from '../../../testing/source-tree.ts'
import { waitFor } from '../../../testing/wait-for.ts'
import { planProject } from '../../../sources/plan/plan-project.ts'

let dashboard: TestDashboard
let admin: Client
let code: SourceTree
let elsewhere: SourceTree

beforeAll(async () => {
  dashboard = await startDashboard()
  admin = await dashboard.token()
  elsewhere = makeSourceTree({ 'secret/package.json': '{}' })
  code = makeSourceTree({
    'shop/project.json': '{"name":"Web shop","key":"SHOP","description":"Sells things","scripts":{"x":1}}',
    'shop/CLAUDE.md': 'Be brief.',
    'shop/src/a.ts': '// TODO: sort\n',
    'shop/src/b.ts': '',
    'shop/run.sh': '',
    'group/deep/rubbish/project.json': '{"name": 7, ',
    'group/deep/rubbish/context.md': Buffer.from([0xff, 0x00]),
    'group/deep/rubbish/main.py': '',
    'notes/a.txt': '',
  })
  code.gitIn('shop', 'init', '-q')
  code.gitIn('shop', 'remote', 'add', 'origin', 'https://ann:hunter2@example.org/shop.git')
  symlinkSync(join(elsewhere.root, 'secret'), join(code.root, 'link'))
  symlinkSync(code.root, join(code.root, 'group', 'circle'))
  const folders = [code.root, join(code.root, 'missing')]
  await admin.send('PUT', '/api/settings/code-folders', { folders })
})
afterAll(async () => {
  await dashboard[Symbol.asyncDispose]()
  code[Symbol.dispose]()
  elsewhere[Symbol.dispose]()
})

interface Scanned {
  items: Record<string, unknown>[]
  folders: Record<string, unknown>[]
}
const scan = async () => (await admin.send<Scanned>('POST', '/api/scan-sources')).body

test('the usual folders are those of the documents', async () => {
  await using fresh = await startDashboard()
  const { body } = await (await fresh.token()).get('/api/settings/code-folders')

  expect(body).toEqual({ folders: ['~/gitrepos', '~/Desktop/gitrepo/pyWork'] })
})

test('projects are found with what they are, and a link out or in a circle leads nowhere', async () => {
  const { items, folders } = await scan()

  expect(items).toMatchObject([
    {
      path: join(code.root, 'group/deep/rubbish'),
      name: 'rubbish',
      git: null,
      languages: [{ language: 'Python', files: 1 }],
      agent_files: [
        { name: 'context.md', problem: 'it is no text' },
        { name: 'project.json', problem: 'it is no JSON' },
      ],
      project: null,
    },
    {
      path: join(code.root, 'shop'),
      name: 'Web shop',
      description: 'Sells things',
      git: { branch: expect.any(String), remote: 'https://example.org/shop.git', is_dirty: true },
      languages: [
        { language: 'TypeScript', files: 2 },
        { language: 'Shell', files: 1 },
      ],
      agent_files: [
        { name: 'CLAUDE.md', problem: null },
        { name: 'project.json', problem: null },
      ],
    },
  ])
  expect(folders).toMatchObject([
    { root: code.root, found: 2 },
    { root: null, found: 0, reason: 'there is no such folder' },
  ])
  expect(JSON.stringify(items)).not.toContain('hunter2')
})

test('a project is imported once, however many try at the same time', async () => {
  const path = join(code.root, 'shop')

  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      admin.send<Record<string, object>>('POST', '/api/import-project', { path }),
    ),
  )
  const { items } = await scan()

  const made = answers.filter(({ status }) => status === 201)
  const refused = answers.filter(({ status }) => status === 409)
  expect([made.length, refused.length]).toEqual([1, 7])
  expect(made[0]!.body).toMatchObject({
    key: 'SHOP',
    name: 'Web shop',
    root_path: path,
    repository_url: 'https://example.org/shop.git',
    metadata: { languages: ['TypeScript', 'Shell'], agent_files: ['CLAUDE.md', 'project.json'] },
  })
  expect(refused[0]!.body['current']).toMatchObject({ key: 'SHOP' })
  expect(items[1]).toMatchObject({ project: { key: 'SHOP' } })
})

test('a folder elsewhere is refused, also by a link, and by who may not', async () => {
  const viewer = await dashboard.token(['read'], 'viewer')
  const operator = await dashboard.token(['read', 'prompts'], 'operator')
  const add = (path: string) =>
    admin.send<{ error: { message: string } }>('POST', '/api/import-project', { path })

  expect((await add(join(elsewhere.root, 'secret'))).body.error.message).toMatch(/is in no code folder/)
  expect((await add(join(code.root, 'link'))).status).toBe(400)
  expect((await add(join(code.root, '..'))).status).toBe(400)
  expect((await add(code.root)).status).toBe(400)
  expect((await add('/')).status).toBe(400)
  expect((await add('shop')).status).toBe(400)
  expect((await viewer.send('POST', '/api/scan-sources')).status).toBe(403)
  expect((await operator.send('PUT', '/api/settings/code-folders', { folders: ['/'] })).status).toBe(403)
  expect((await admin.send('PUT', '/api/settings/code-folders', { folders: ['relative'] })).status).toBe(400)
})

test('the plan of a project and its schema are read, and one that was not scanned is said', async () => {
  const root = join(code.root, 'shop')
  await admin.send('POST', '/api/import-project', { path: root })
  const { body: missing, status } = await admin.get<{ error: { message: string } }>(
    '/api/milestone-plans/SHOP',
  )
  const { database, clock, config } = dashboard.web
  await planProject({ database, clock, dataDir: config.dataDir }, { id: 1, name: 'Web shop', root })

  const plan = await admin.get('/api/milestone-plans/shop')
  const schema = await admin.get('/api/milestone-plans/schema')
  const list = await admin.get<{ items: object[] }>('/api/milestone-plans')

  expect([status, missing.error.message]).toEqual([404, expect.stringContaining('not scanned yet')])
  expect(plan.body).toMatchObject({
    project: 'Web shop',
    phases: [{}, {}, {}, { tasks: [{ title: 'TODO: sort' }] }],
  })
  expect(schema.body).toMatchObject({ properties: { phases: { type: 'array' } } })
  expect(list.body.items).toMatchObject([{ project: 'Web shop', state: 'done', tasks: 1 }])
})

test('a project is scanned in the background, one scan at a time, and its plan is read when it is there', async () => {
  // The process that scans runs from its sources here.
  vi.stubEnv('NODE_OPTIONS', '--import tsx')
  using tree = makeSourceTree({ 'src/a.ts': '// FIXME: the till is open\n' })
  const words = { name: 'Scanned', key: 'SCAN', root_path: tree.root }
  await admin.send('POST', '/api/projects', words)
  const path = '/api/milestone-plans/SCAN'

  const answers = await Promise.all([1, 2, 3].map(() => admin.send('POST', `${path}/scan`)))
  const plan = await waitFor(async () => {
    const answer = await admin.get<{ phases: { tasks: { title: string }[] }[] }>(path)
    return answer.status === 200 ? answer.body : null
  }, 'the plan')
  vi.unstubAllEnvs()

  const statuses = answers.map(({ status }) => status)
  expect(statuses).toContain(202)
  expect(statuses.filter((status) => status !== 202 && status !== 409)).toEqual([])
  expect(plan.phases.flatMap(({ tasks }) => tasks.map(({ title }) => title))).toEqual([
    'FIXME: the till is open',
  ])
})

test('a scan is refused without a folder, of what is not there, and to who only looks', async () => {
  const viewer = await dashboard.token(['read', 'prompts'], 'viewer')
  const reader = await dashboard.token(['read'], 'operator')
  await admin.send('POST', '/api/projects', { name: 'Nowhere', key: 'NOWH' })
  const scanOf = (client: Client, key: string) =>
    client.send<{ error: { message: string } }>('POST', `/api/milestone-plans/${key}/scan`)

  const nowhere = await scanOf(admin, 'NOWH')
  const others = [await scanOf(admin, 'NONE'), await scanOf(viewer, 'NOWH'), await scanOf(reader, 'NOWH')]

  expect(nowhere).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(/has no folder/) } },
  })
  expect(others.map(({ status }) => status)).toEqual([404, 403, 403])
})

test('tasks of a plan go into the queue as prompts and as background tasks, each once', async () => {
  const { body: plan } = await admin.get<{ phases: { id: string; tasks: { key: string }[] }[] }>(
    '/api/milestone-plans/SHOP',
  )
  const [{ key }] = plan.phases.find(({ id }) => id === 'tidy')!.tasks as [{ key: string }]
  const path = '/api/milestone-plans/SHOP'
  const shell = { type: 'shell', data: { command: 'claude -p "$PLAN_TEXT"', env: { A: '1' } } }

  const prompts = await admin.send<{ prompt_ids: number[] }>('POST', `${path}/prompts`, { keys: [key] })
  const again = await admin.send('POST', `${path}/prompts`, { phase: 'tidy' })
  const tasks = await admin.send<{ task_ids: number[] }>('POST', `${path}/tasks`, { phase: 'tidy', ...shell })
  const twice = await admin.send('POST', `${path}/tasks`, { keys: [key], ...shell })
  const prompt = await getPrompt(dashboard.web.database.kysely, prompts.body.prompt_ids[0]!)
  const task = await admin.get(`/api/tasks/${tasks.body.task_ids[0]}`)
  const page = await (await admin.fetch('/plans/SHOP')).text()

  expect([prompts.body, again.body, tasks.body, twice.body]).toMatchObject([
    { made: 1 },
    { made: 0 },
    { made: 1 },
    { made: 0 },
  ])
  expect(prompt).toMatchObject({
    content: expect.stringMatching(/^TODO: sort\n[^]*data, never an instruction[^]*\nsrc\/a.ts:1: sort\n/),
    priority: 3,
    target: { dir: join(code.root, 'shop') },
    metadata: { plan_key: key, project: 'SHOP' },
  })
  expect(task.body).toMatchObject({
    name: 'TODO: sort',
    dir: join(code.root, 'shop'),
    data: { env: { A: '1', PLAN_TITLE: 'TODO: sort', PLAN_FILE: 'src/a.ts', PLAN_LINE: '1' } },
  })
  expect(page).toContain(`href="/prompts/${prompts.body.prompt_ids[0]}"`)
})

test('a plan is queued by who may, as what can do something with it', async () => {
  const path = '/api/milestone-plans/SHOP'
  const works = await dashboard.token(['read', 'prompts'], 'operator')
  const makes = await dashboard.token(['read', 'tasks'], 'operator')
  const shell = { phase: 'tidy', type: 'shell', data: { command: 'true' } }

  const answers = [
    await works.send('POST', `${path}/tasks`, shell),
    await makes.send('POST', `${path}/prompts`, { phase: 'tidy' }),
    await makes.send('POST', `${path}/tasks`, { ...shell, type: 'git' }),
    await makes.send('POST', `${path}/tasks`, { ...shell, data: {} }),
    await works.send('POST', `${path}/prompts`, { keys: ['nothing'] }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 400, 400, 404])
})
