import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoggedEvent } from '../../../core/event.ts'
import { eventsAfter } from '../../../db/events.ts'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read', 'prompts'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface Shown {
  id: number
  key: string
  version: number
  status: string
  root_path: string | null
  error?: { code: string; message: string }
  current?: Shown
}

const create = (body: object) => person.send<Shown>('POST', '/api/projects', body)
const change = (id: number | string, body: object, headers: Record<string, string> = {}) =>
  person.fetch(`/api/projects/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

function folder(name: string): string {
  const path = join(dashboard.server.folder, name)
  mkdirSync(path, { recursive: true })
  return path
}

async function eventsOf(id: number): Promise<LoggedEvent[]> {
  return eventsAfter(dashboard.web.database.kysely, 0, { limit: 100, noun: 'project', nounId: String(id) })
}

test('a project is created with the real path of its folder, shown by number and key, and listed', async () => {
  const real = folder('shop')
  symlinkSync(real, join(dashboard.server.folder, 'link'))

  const { status, body } = await create({
    name: 'Web shop',
    description: '# Shop',
    root_path: join(dashboard.server.folder, 'link'),
    repository_url: 'git@example.com:me/shop.git',
    metadata: { theAnswer: 42 },
  })

  expect(status).toBe(201)
  expect(body).toMatchObject({
    key: 'WS',
    root_path: real,
    status: 'active',
    version: 1,
    metadata: { theAnswer: 42 },
  })
  expect((await person.get(`/api/projects/${body.id}`)).body).toMatchObject({ key: 'WS' })
  expect((await person.get('/api/projects/ws')).body).toMatchObject({ id: body.id })
  const list = await person.get<{ items: Shown[] }>('/api/projects')
  expect(list.body.items.map(({ key }) => key)).toContain('WS')
})

test('a key and a folder belong to one project; without a key each gets one of its own', async () => {
  const path = folder('one')

  const first = await create({ name: 'Only', key: 'ONLY', root_path: path })
  const sameKey = await create({ name: 'Other', key: 'ONLY' })
  const sameFolder = await create({ name: 'Other', root_path: path })
  const many = await Promise.all(Array.from({ length: 20 }, () => create({ name: 'same name' })))

  expect(sameKey).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
  expect(sameFolder).toMatchObject({ status: 409, body: { current: { id: first.body.id } } })
  expect(many.map(({ status }) => status)).toEqual(many.map(() => 201))
  expect(new Set(many.map(({ body }) => body.key)).size).toBe(20)
})

test('a change of an old version is refused with the present state, and names what differs in the log', async () => {
  const { body } = await create({ name: 'Edited', key: 'EDIT' })

  const first = await change('EDIT', { name: 'Edited twice', version: 1 })
  const stale = await change(body.id, { name: 'Lost', version: 1 })
  const staleHeader = await change(body.id, { name: 'Lost' }, { 'If-Match': '"1"' })
  const header = await change(body.id, { description: 'new' }, { 'If-Match': '"2"' })

  expect([first.status, stale.status, staleHeader.status, header.status]).toEqual([200, 409, 412, 200])
  expect(await stale.json()).toMatchObject({ current: { version: 2, name: 'Edited twice' } })
  expect(await staleHeader.json()).toMatchObject({
    error: { code: 'precondition_failed' },
    current: { version: 2 },
  })
  const edits = (await eventsOf(body.id)).filter(({ type }) => type === 'edit')
  expect(edits.map(({ data }) => data['changes'])).toEqual([
    { name: ['Edited', 'Edited twice'] },
    { description: ['', 'new'] },
  ])
})

test('100 edits at once of different fields lose none', async () => {
  const { body } = await create({ name: 'Busy' })

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      change(body.id, n % 2 === 0 ? { name: `Busy ${n}` } : { description: `text ${n}` }),
    ),
  )

  const shown = (await person.get<Shown & Record<string, string>>(`/api/projects/${body.id}`)).body
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(shown).toMatchObject({ version: 101, name: expect.stringMatching(/^Busy \d+$/) })
  expect(shown['description']).toMatch(/^text \d+$/)
})

test('a deleted project is archived: listed when asked for, and can be made active again', async () => {
  const { body } = await create({ name: 'Old', key: 'OLD' })

  const archived = await person.send<Shown>('DELETE', '/api/projects/OLD')
  const listed = await person.get<{ items: Shown[] }>('/api/projects')
  const asked = await person.get<{ items: Shown[] }>('/api/projects?status=archived')
  const paused = await change('OLD', { status: 'paused' })
  const active = await change('OLD', { status: 'active' })

  expect(archived.body).toMatchObject({ id: body.id, status: 'archived', success: true })
  expect(listed.body.items.map(({ key }) => key)).not.toContain('OLD')
  expect(asked.body.items.map(({ key }) => key)).toContain('OLD')
  expect([paused.status, active.status]).toEqual([409, 200])
})

test.each<[object, string]>([
  [{}, 'name'],
  [{ name: '' }, 'must not be empty'],
  [{ name: 'x', key: 'lower' }, 'capital letters'],
  [{ name: 'x', root_path: 'relative/path' }, 'absolute'],
  [{ name: 'x', root_path: '/' }, 'too much'],
  [{ name: 'x', root_path: '/no/such/folder' }, "can't be opened"],
  [{ name: 'x', root_path: '/etc/passwd' }, 'no folder'],
  [{ name: 'x', root_path: '/tmp\0/x' }, 'NUL'],
  [{ name: 'x', repository_url: 'javascript:alert(1)' }, 'must be https'],
  [{ name: 'x', repository_url: 'https://me:secret@example.com/x' }, 'password'],
  [{ name: 'x', metadata: { big: 'x'.repeat(20_000) } }, 'at most'],
  [{ name: 'x', nonsense: 1 }, 'nonsense'],
])('%j is refused with a sentence', async (body, says) => {
  const answer = await create(body)

  expect(answer.status).toBe(400)
  expect(answer.body.error?.message).toContain(says)
})

test('a name of a megabyte is refused', async () => {
  const answer = await create({ name: 'x'.repeat(1_000_000) })

  expect(answer.status).toBe(400)
  expect(answer.body.error!.message).toMatch(/^name: .{1,100}$/)
})

test('a viewer looks and changes nothing', async () => {
  const viewer = await dashboard.token(['read'], 'viewer')

  expect((await viewer.get('/api/projects')).status).toBe(200)
  expect((await viewer.send('POST', '/api/projects', { name: 'x' })).status).toBe(403)
  expect((await person.get('/api/projects/999999')).status).toBe(404)
  expect((await person.get('/api/projects/nope-1')).status).toBe(400)
})
