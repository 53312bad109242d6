import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoggedEvent } from '../../core/event.ts'
import type { Json } from '../../json.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'

interface Body {
  items: Json<LoggedEvent>[]
  cursor: number
}

let dashboard: TestDashboard
let client: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'prompts'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const send = () => client.send<{ prompt_id: number }>('POST', '/api/assigner/send', { content: 'x' })
const events = async (query = '') => (await client.get<Body>(`/api/events?${query}`)).body

test('without a cursor it says where the log ends, and from there it goes on', async () => {
  const { items, cursor } = await events()
  const { body } = await send()

  const news = await events(`after=${cursor}`)
  const later = await events(`after=${news.cursor}`)

  expect(items).toEqual([])
  expect(news.items).toMatchObject([{ noun: 'prompt', noun_id: String(body.prompt_id), type: 'submit' }])
  expect(later).toEqual({ items: [], cursor: news.cursor })
})

test('it waits for news and answers as soon as there is some', async () => {
  const { cursor } = await events()
  const startedAt = Date.now()
  const waiting = events(`after=${cursor}&wait=10`)
  setTimeout(() => void send(), 300)

  const { items } = await waiting

  expect(items).toHaveLength(1)
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(290)
  expect(Date.now() - startedAt).toBeLessThan(3_000)
})

test('it waits no longer than it was told', async () => {
  const { cursor } = await events()
  const startedAt = Date.now()

  const { items } = await events(`after=${cursor}&wait=1`)

  expect(items).toEqual([])
  expect(Date.now() - startedAt).toBeLessThan(3_000)
})

test('what is about something else is passed over, and not asked for again', async () => {
  const { cursor } = await events()
  const { body } = await send()
  await send()

  const one = await events(`after=${cursor}&noun=prompt&noun_id=${body.prompt_id}`)
  const end = await events()

  expect(one.items).toHaveLength(1)
  expect(one.cursor).toBe(end.cursor)
})

test('small pages miss nothing', async () => {
  let { cursor } = await events()
  for (let n = 0; n < 5; n += 1) await send()

  const seen: number[] = []
  for (;;) {
    const page = await events(`after=${cursor}&limit=2`)
    if (page.items.length === 0) break
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
  }

  expect(new Set(seen).size).toBe(5)
  expect(seen).toHaveLength(5)
})

test("other people's logins are passed over for who is no admin", async () => {
  const { cursor } = await events()
  await dashboard.signIn('viewer')
  await send()

  const { items } = await events(`after=${cursor}`)

  expect(items.map(({ noun }) => noun)).toEqual(['prompt'])
})

test.each(['after=-1', 'after=x', 'wait=26', 'wait=-1', 'noun=nothing', 'limit=0'])(
  '?%s is refused',
  async (query) => {
    expect((await client.get(`/api/events?after=0&${query}`)).status).toBe(400)
  },
)
