import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client
let projectId = 0
let root = ''

interface Shown {
  id: number
  key: string
  status: string
  prompt_id: number
  message: string
  items: Record<string, unknown>[]
  prompt: { content: string; target: object; metadata: object; priority: number }
  error?: { message: string }
  current?: Shown
}

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read', 'prompts'], 'operator')
  root = join(dashboard.server.folder, 'shop')
  mkdirSync(root)
  projectId = (await post('/api/projects', { name: 'Shop', key: 'SHOP', root_path: root })).body.id
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const post = (path: string, body: object) => person.send<Shown>('POST', path, body)
const get = async (path: string) => (await person.get<Shown>(path)).body
const make = async (path: string, more: object = {}) =>
  (await post(path, { project_id: projectId, title: 'Pay by card', ...more })).body

const report = async (message: string) =>
  (
    await dashboard.anonymous.send<{ id: number }>('POST', '/api/errors', {
      message,
      node_id: 'pi-1',
      error_type: 'TypeError',
      source: 'a.py',
      stack_trace: 'at a.py:3 ```',
    })
  ).body.id

test.each([
  ['feature', '/api/features', 'Build feature SHOP-'],
  ['bug', '/api/bugs', 'Find the cause of bug SHOP-'],
  ['devops_task', '/api/devops-tasks', 'Do devops task SHOP-'],
])('a %s becomes a prompt for whoever works in the folder of its project', async (type, path, begins) => {
  const item = await make(path, { description: 'with a **receipt**' })
  await post(`/api/work/${item.id}/comments`, { body: 'Euro only' })

  const { message } = await get(`/api/assign-to-tmux?type=${type}&id=${item.key}`)
  const assigned = await post('/api/assign-to-tmux', { type, id: item.id, priority: 4 })

  expect(assigned).toMatchObject({
    status: 200,
    body: {
      success: true,
      prompt: {
        content: message,
        priority: 4,
        target: { dir: root },
        metadata: { work_item_id: item.id, work_item: item.key, when_done: 'review' },
      },
    },
  })
  expect(message.startsWith(begins)).toBe(true)
  expect(message).toContain('# Pay by card')
  expect(message).toContain('with a **receipt**')
  expect(message).toContain('Euro only')
  expect(await get(`/api/work/${item.id}`)).toMatchObject({
    status: 'queued',
    prompt_id: assigned.body.prompt_id,
  })
  const links = await get(`/api/work/${item.id}/links`)
  expect(links.items).toMatchObject([{ kind: 'prompt', ref: String(assigned.body.prompt_id) }])
})

test('the message is the person’s own, when they say one', async () => {
  const item = await make('/api/features')

  const { body } = await post('/api/assign-to-tmux', { type: 'feature', id: item.key, message: 'Just do it' })

  expect(body.prompt.content).toBe('Just do it')
})

test('an error is assigned by the same path, and linked with its prompt', async () => {
  const id = await report('the cart is empty')

  const { body } = await post('/api/assign-to-tmux', { type: 'error', id })
  const error = await person.get<{ group: { prompt_id: number } }>(`/api/errors/${id}`)

  expect(body.prompt.metadata).toEqual({ error_id: id })
  expect(error.body.group.prompt_id).toBe(body.prompt_id)
})

test('what is not there, or of another type, or a session that is not there, changes nothing', async () => {
  const item = await make('/api/features')
  const answers = [
    await post('/api/assign-to-tmux', { type: 'bug', id: item.id }),
    await post('/api/assign-to-tmux', { type: 'feature', id: 999_999 }),
    await post('/api/assign-to-tmux', { type: 'error', id: 999_999 }),
    await post('/api/assign-to-tmux', { type: 'error', id: item.key }),
    await post('/api/assign-to-tmux', { type: 'feature', id: item.id, session: 'nobody' }),
    await post('/api/assign-to-tmux', { type: 'feature', id: item.id, target_session: 'nobody' }),
    await post('/api/assign-to-tmux', { type: 'feature', id: item.id, message: '/clear' }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 400, 404, 400, 400])
  expect(await get(`/api/work/${item.id}`)).toMatchObject({ status: 'open', prompt_id: null })
})

test('a bug is made of an error once, linked both ways, and resolves it when that was asked for', async () => {
  const [asked, notAsked] = [await report('one thing is lost'), await report('another is late')]

  const bug = await post(`/api/errors/${asked}/create-bug`, { project_id: projectId, resolve_error: true })
  const again = await post(`/api/errors/${asked}/create-bug`, { project_id: projectId })
  const other = await post(`/api/errors/${notAsked}/create-bug`, { severity: 'high' })
  for (const { body } of [bug, other]) await person.send('PUT', `/api/bugs/${body.id}`, { status: 'done' })

  expect(bug).toMatchObject({ status: 201, body: { title: 'TypeError: one thing is lost', kind: 'bug' } })
  expect(again).toMatchObject({ status: 409, body: { current: { key: bug.body.key } } })
  expect(other).toMatchObject({ status: 201, body: { severity: 'high' } })
  expect(await get(`/api/errors/${asked}`)).toMatchObject({ state: 'resolved' })
  expect(await get(`/api/errors/${notAsked}`)).toMatchObject({ state: 'open' })
  const { items } = await get(`/api/work/${bug.body.id}/links`)
  expect(items).toMatchObject([{ kind: 'error', ref: String(asked), relation: 'fixes' }])
})

test('20 clicks at once make one bug', async () => {
  const id = await report('clicked often')

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post(`/api/errors/${id}/create-bug`, { project_id: projectId })),
  )

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    201,
    ...Array.from({ length: 19 }, () => 409),
  ])
})

test('a file of all work is CSV without formulas, or JSON', async () => {
  await make('/api/features', { title: '=cmd|/C calc', description: 'a "b",\nc' })

  const csv = await person.fetch('/api/work/export?format=csv&q=calc')
  const json = await person.fetch('/api/work/export?format=json&q=calc')

  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="work.csv"')
  expect(await csv.text()).toMatch(
    /^key,kind,title,.*\r\nSHOP-\d+,feature,'=cmd\|\/C calc,open,.*"a ""b"",\nc"\r\n$/,
  )
  expect(await json.json()).toMatchObject([{ title: '=cmd|/C calc' }])
})
