import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoggedEvent } from '../../core/event.ts'
import type { Json } from '../../json.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'
import { routes } from '../routes.ts'

/** What the replies here hold, each some of it. */
interface Body {
  id: number
  items: Json<LoggedEvent>[]
  next_cursor: number | null
  error: { code: string; message: string }
}

let dashboard: TestDashboard
let client: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'prompts'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe('the activity log', () => {
  test('takes lines of our own and shows who wrote them', async () => {
    const note = { action: 'deploy', message: '<b>v2</b>', details: { commitSha: 'abc' } }
    const made = await client.send<Body>('POST', '/api/activity', note)

    const { body } = await client.get<Body>('/api/activity?noun=note')

    expect(body.items).toMatchObject([
      {
        id: made.body.id,
        noun: 'note',
        type: 'deploy',
        data: { message: '<b>v2</b>', details: { commitSha: 'abc' } },
        actor: { kind: 'token', name: expect.stringMatching(/^test-operator\//), address: '127.0.0.1' },
      },
    ])
  })

  test('is read in pages and by what, who and when', async () => {
    for (const content of ['a', 'b', 'c']) await client.send('POST', '/api/assigner/send', { content })
    const list = async (query: string) => (await client.get<Body>(`/api/activity?${query}`)).body

    const first = await list('noun=prompt&type=submit&limit=2')
    const second = await list(`noun=prompt&type=submit&limit=2&cursor=${first.next_cursor}`)
    const [newest] = first.items
    const one = await list(`noun=prompt&noun_id=${newest!.noun_id}`)
    const ours = await list(`actor_kind=token&actor=${encodeURIComponent(newest!.actor!.name)}`)
    const later = await list(`since=${newest!.at + 60_000}`)

    expect(first.items).toHaveLength(2)
    expect(second).toMatchObject({ items: [{}], next_cursor: null })
    expect(one.items).toHaveLength(1)
    expect(ours.items.length).toBeGreaterThan(3)
    expect(later.items).toEqual([])
  })

  test("does not tell of other people's accounts to who is no admin", async () => {
    await dashboard.signIn('viewer')
    const admin = await dashboard.token(['read', 'admin'], 'admin')

    const ours = await client.get<Body>('/api/activity?limit=200')
    const theirs = await admin.get<Body>('/api/activity?limit=200')

    const isPrivate = ({ noun }: { noun: string }) => noun === 'login' || noun === 'account'
    expect(ours.body.items.filter(isPrivate)).toEqual([])
    expect(theirs.body.items.filter(isPrivate)).not.toEqual([])
  })

  test.each([
    {},
    { action: ' ' },
    { action: 'x', noun: 'prompt' },
    { action: 'x', details: [] },
    { action: 'x', details: { text: 'y'.repeat(9_000) } },
  ])('a line like %j is refused', async (body) => {
    expect((await client.send('POST', '/api/activity', body)).status).toBe(400)
  })
})

describe('the documentation', () => {
  test('is listed, searched and read', async () => {
    const all = await client.get<{ items: { name: string }[] }>('/api/documentation')
    const found = await client.get<{ items: { name: string }[] }>(
      '/api/documentation?q=placeholder%20nowhere42',
    )
    const one = await client.get<{ markdown: string }>('/api/documentation/agents')

    expect(all.body.items.map(({ name }) => name)).toContain('agents')
    expect(found.body.items).toEqual([])
    expect(one.body.markdown).toMatch(/^# /)
  })

  test.each(['nowhere', '..%2F..%2Fpackage.json', '..%2F..%2FREADME', 'sessions.example.yaml'])(
    'there is no document %s',
    async (name) => {
      expect((await client.get(`/api/documentation/${name}`)).status).toBe(404)
    },
  )
})

test('the figures add up', async () => {
  const { body } = await client.get<{ days: { from: number }[] }>('/api/stats?days=3')

  expect(body).toMatchObject({ prompts: { pending: expect.any(Number), completed: 0 }, sessions: {} })
  expect(body.days).toHaveLength(3)
  expect(body.days[2]!.from - body.days[0]!.from).toBe(2 * 86_400_000)
})

test('the interface describes every route of its own', async () => {
  const { body } = await client.get<{ openapi: string; paths: Record<string, object> }>('/api/openapi.json')

  const described = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  expect(body.openapi).toBe('3.1.0')
  expect(described.toSorted()).toEqual(
    routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`).toSorted(),
  )
})
