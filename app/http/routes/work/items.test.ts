import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type Answer, type Client, type TestDashboard } from '../../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client
let projectId = 0

interface Shown {
  id: number
  key: string
  version: number
  status: string
  severity: string | null
  items: Shown[]
  next_cursor: number | null
  counts: Record<string, number>
  error?: { message: string }
  current?: Shown
}

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read', 'prompts'], 'operator')
  const made = await post('/api/projects', { name: 'Shop', key: 'SHOP' })
  projectId = made.body.id
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const post = (path: string, body: object) => person.send<Shown>('POST', path, body)
const get = (path: string) => person.get<Shown>(path)
const put = (path: string, body: object) => person.send<Shown>('PUT', path, body)
const bug = async (more: object = {}): Promise<Shown> =>
  (await post('/api/bugs', { project_id: projectId, title: 'It breaks', ...more })).body

test('features, bugs and devops tasks are created under the paths of the documents, with keys of one project', async () => {
  const made: Answer<Shown>[] = []
  for (const path of ['/api/features', '/api/bugs', '/api/devops-tasks']) {
    made.push(await post(path, { project_id: projectId, title: ` ${path} \n again ` }))
  }

  expect(made.map(({ status }) => status)).toEqual([201, 201, 201])
  expect(made.map(({ body }) => body)).toMatchObject([
    { kind: 'feature', severity: null, status: 'open', title: '/api/features   again' },
    { kind: 'bug', severity: 'medium' },
    { kind: 'devops_task', severity: null },
  ])
  const numbers = made.map(({ body }) => Number(body.key.slice(5)))
  expect(numbers).toEqual([numbers[0]!, numbers[0]! + 1, numbers[0]! + 2])
  expect((await get(`/api/bugs/${made[1]!.body.key}`)).body.id).toBe(made[1]!.body.id)
  expect((await get(`/api/bugs/${made[0]!.body.id}`)).status).toBe(404)
  expect((await get(`/api/work/${made[0]!.body.key.toLowerCase()}`)).body.id).toBe(made[0]!.body.id)
})

test('a list is filtered, counted and read in pages', async () => {
  const { body: other } = await post('/api/projects', { name: 'Listed' })
  for (let n = 0; n < 5; n += 1) {
    const more = { project_id: other.id, severity: n === 0 ? 'critical' : 'low', assignee: 'user:anna' }
    await bug(more)
  }

  const first = await get(`/api/bugs?project_id=${other.id}&limit=3`)
  const second = await get(`/api/bugs?project_id=${other.id}&limit=3&cursor=${first.body.next_cursor}`)
  const critical = await get(`/api/bugs?project_id=${other.id}&severity=critical,high`)
  const nobody = await get(`/api/bugs?project_id=${other.id}&assignee=user:bob`)

  expect([first.body.items.length, second.body.items.length]).toEqual([3, 2])
  expect(second.body.next_cursor).toBe(null)
  expect(first.body.counts).toEqual({ open: 5 })
  expect(critical.body.items).toHaveLength(1)
  expect(nobody.body.items).toEqual([])
  expect((await get('/api/features?severity=worst')).status).toBe(400)
  expect((await get(`/api/work?kind=feature&project_id=${other.id}`)).body.items).toEqual([])
})

test('an item moves as its life allows, and a stale change is refused with how it is now', async () => {
  const { id, key } = await bug()

  const started = await put(`/api/bugs/${key}`, { status: 'in_progress', version: 1 })
  const stale = await put(`/api/bugs/${id}`, { title: 'lost', version: 1 })
  const done = await put(`/api/bugs/${id}`, { status: 'done' })
  const wrong = await put(`/api/bugs/${id}`, { status: 'in_progress' })

  expect([started.status, stale.status, done.status, wrong.status]).toEqual([200, 409, 200, 409])
  expect(stale.body.current).toMatchObject({ version: 2, status: 'in_progress', title: 'It breaks' })
  expect(wrong.body.error!.message).toBe(`${key} is done and can't become in progress. Open it first.`)
})

test('the history says who changed which field from what to what', async () => {
  const { id } = await bug({ title: 'old' })
  await put(`/api/bugs/${id}`, { title: 'new', priority: 7 })

  const { body } = await person.get<{ items: object[] }>(`/api/work/${id}/history`)

  expect(body.items).toMatchObject([
    { type: 'edit', by: expect.any(String), changes: { title: ['old', 'new'], priority: [0, 7] } },
    { type: 'create', changes: {} },
  ])
})

test('an item is linked with what is there, once, and talked about', async () => {
  const [one, two] = [await bug(), await bug()]

  const linked = await post(`/api/work/${one.id}/links`, { kind: 'item', ref: two.key, relation: 'blocks' })
  const again = await post(`/api/work/${one.id}/links`, { kind: 'item', ref: two.id })
  const commit = await post(`/api/work/${one.id}/links`, { kind: 'commit', ref: 'ABCDEF1' })
  const itself = await post(`/api/work/${one.id}/links`, { kind: 'item', ref: one.key })
  const nothing = await post(`/api/work/${one.id}/links`, { kind: 'error', ref: 999_999 })
  const rubbish = await post(`/api/work/${one.id}/links`, { kind: 'commit', ref: '<script>' })
  const said = await post(`/api/work/${one.id}/comments`, { body: 'seen **here** too' })
  const links = await person.get<{ items: object[] }>(`/api/work/${one.key}/links`)
  const removed = await person.send('DELETE', `/api/work/${one.id}/links/${linked.body.id}`)
  const twice = await person.send('DELETE', `/api/work/${one.id}/links/${linked.body.id}`)

  expect([linked.status, again.status, commit.status, said.status]).toEqual([201, 201, 201, 201])
  expect([itself.status, nothing.status, rubbish.status]).toEqual([400, 404, 400])
  expect(links.body.items).toMatchObject([
    { kind: 'item', ref: String(two.id), relation: 'relates' },
    { kind: 'commit', ref: 'abcdef1' },
  ])
  expect([removed.status, twice.status]).toEqual([200, 404])
  const comments = await person.get<{ items: object[] }>(`/api/work/${one.id}/comments`)
  expect(comments.body.items).toMatchObject([{ body: 'seen **here** too' }])
})

test.each<[string, unknown, string, number, RegExp]>([
  ['prompt', 999_999, 'relates', 404, /no prompt 999999/],
  ['error', 999_999, 'relates', 404, /no error 999999/],
  ['task', 999_999, 'relates', 404, /no task 999999/],
  ['item', 999_999, 'relates', 404, /no feature, bug or devops task 999999/],
  ['item', 'NONE-1', 'relates', 404, /NONE-1/],
  ['task', 'shell', 'relates', 400, /number of a task/],
  ['prompt', '1e3', 'relates', 400, /number of a prompt/],
  ['commit', 'HEAD', 'relates', 400, /7 to 64 hexadecimal digits/],
  ['commit', 'abcdef', 'relates', 400, /7 to 64/],
  ['commit', '--output=/etc/x', 'relates', 400, /7 to 64/],
  ['item', 'SHOP-1; drop', 'relates', 400, /key of an item/],
  ['commit', 'abcdef1', 'fixes', 400, /only an error is resolved/],
  ['task', 1, 'review', 400, /relation/],
])('a link with %s %j as %s is answered with %i and why', async (kind, ref, relation, status, why) => {
  const { id } = await bug()

  const answer = await post(`/api/work/${id}/links`, { kind, ref, relation })

  expect(answer).toMatchObject({ status, body: { error: { message: expect.stringMatching(why) } } })
})

test('a task is linked and shown with its state', async () => {
  const admin = await dashboard.token()
  const task = await admin.send<Shown>('POST', '/api/tasks', { type: 'shell', data: { command: 'true' } })
  const { id } = await bug()

  const linked = await post(`/api/work/${id}/links`, { kind: 'task', ref: task.body.id })
  const browser = await dashboard.signIn('viewer')
  const page = await (await browser.fetch(`/panels/work/${id}`)).text()

  expect(linked.status).toBe(201)
  expect(page).toContain(`<a href="/tasks/${task.body.id}">task #${task.body.id} shell</a>`)
})

test('milestones have a day, progress, and work of their own project only', async () => {
  const made = await post('/api/milestones', { project_id: projectId, name: 'v1', target_date: '2026-12-31' })
  const { body: other } = await post('/api/projects', { name: 'Elsewhere' })
  const { id } = await bug({ milestone_id: made.body.id })
  await bug({ milestone_id: made.body.id })

  const foreign = await post('/api/bugs', { project_id: other.id, title: 'x', milestone_id: made.body.id })
  await put(`/api/bugs/${id}`, { status: 'done' })
  const shown = await get(`/api/milestones/${made.body.id}`)
  const completed = await put(`/api/milestones/${made.body.id}`, { status: 'completed', version: 1 })
  const stale = await put(`/api/milestones/${made.body.id}`, { name: 'v2', version: 1 })
  const badDay = await put(`/api/milestones/${made.body.id}`, { target_date: '2026-02-31' })

  expect(foreign).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(/no milestone/) } },
  })
  expect(shown.body).toMatchObject({
    target_date: '2026-12-31',
    progress: { total: 2, done: 1, percent: 50 },
  })
  expect(completed.body).toMatchObject({ status: 'completed', completed_at: expect.any(Number) })
  expect([stale.status, badDay.status]).toEqual([409, 400])
})

test.each<[string, object, string]>([
  ['/api/bugs', {}, 'title'],
  ['/api/bugs', { title: '  ' }, 'must not be empty'],
  ['/api/bugs', { title: 'x', severity: 'worst' }, 'severity'],
  ['/api/features', { title: 'x', severity: 'low' }, 'only bugs'],
  ['/api/bugs', { title: 'x', assignee: 'anna' }, 'user:NAME'],
  ['/api/bugs', { title: 'x', priority: 11 }, 'priority'],
  ['/api/bugs', { title: 'x', status: 'done' }, 'status'],
])('POST %s %j is refused with a sentence', async (path, body, says) => {
  const answer = await post(path, { project_id: projectId, ...body })

  expect(answer.status).toBe(400)
  expect(answer.body.error!.message).toContain(says)
})

test('text of every script is kept as it is; a title of a megabyte and a NUL are not taken', async () => {
  const title = 'שלום 👩‍👩‍👧‍👦 مرحبا \u202Ex'

  const kept = await bug({ title, description: 'a\0b\r\nc \ud800' })
  const long = await post('/api/bugs', { project_id: projectId, title: 'x'.repeat(1_000_000) })

  expect(kept).toMatchObject({ title, description: 'ab\nc \ufffd' })
  expect(long.status).toBe(400)
})

test('a project that is not there, or archived, is said', async () => {
  const { body: old } = await post('/api/projects', { name: 'Gone' })
  await person.send('DELETE', `/api/projects/${old.id}`)

  const missing = await post('/api/features', { project_id: 999_999, title: 'x' })
  const archived = await post('/api/features', { project_id: old.id, title: 'x' })
  const milestone = await post('/api/milestones', { project_id: old.id, name: 'x' })

  expect([missing.status, archived.status, milestone.status]).toEqual([404, 409, 409])
})
