import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoggedEvent } from '../../core/event.ts'
import type { Json } from '../../json.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'

interface Body {
  items: Json<LoggedEvent>[]
  cursor: number
  reset: boolean
}

let dashboard: TestDashboard
let client: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'prompts'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

/** How many wait for news of the database. */
function spyOnListeners({ web }: TestDashboard) {
  let count = 0
  const { bus } = web.database
  const subscribe = bus.subscribe.bind(bus)
  bus.subscribe = (listener) => {
    const leave = subscribe(listener)
    count += 1
    return () => {
      count -= 1
      leave()
    }
  }
  return { count: () => count }
}

const send = () => client.send<{ prompt_id: number }>('POST', '/api/assigner/send', { content: 'x' })
const events = async (query = '') => (await client.get<Body>(`/api/events?${query}`)).body

test('without a cursor it says where the log ends, and from there it goes on', async () => {
  const { items, cursor } = await events()
  const { body } = await send()

  const news = await events(`after=${cursor}`)
  const later = await events(`after=${news.cursor}`)

  expect(items).toEqual([])
  expect(news.items).toMatchObject([{ noun: 'prompt', noun_id: String(body.prompt_id), type: 'submit' }])
  expect(later).toEqual({ items: [], cursor: news.cursor, reset: false })
})

test('it waits for news and answers as soon as there is some', async () => {
  const { cursor } = await events()
  const startedAt = Date.now()
  const waiting = events(`after=${cursor}&wait=25`)
  setTimeout(() => void send(), 300)

  const { items } = await waiting

  expect(items).toHaveLength(1)
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(290)
  expect(Date.now() - startedAt).toBeLessThan(20_000)
})

test('it waits no longer than it was told', async () => {
  const { cursor } = await events()
  const startedAt = Date.now()

  const { items } = await events(`after=${cursor}&wait=1`)

  expect(items).toEqual([])
  expect(Date.now() - startedAt).toBeLessThan(20_000)
})

test('a cursor of another log is answered at once, with the end of this one', async () => {
  const { cursor } = await events()

  const answer = await events(`after=${cursor + 1_000}&wait=5`)

  expect(answer).toEqual({ items: [], cursor, reset: true })
})

test('what retention has taken is said to be missing', async () => {
  await send()
  const { cursor } = await events()
  await send()
  const { database } = dashboard.web
  await database.write((db) => db.deleteFrom('events').where('id', '<=', cursor).execute())

  const behind = await events(`after=${cursor - 1}`)
  const justThere = await events(`after=${cursor}`)

  expect(behind).toEqual({ items: [], cursor: justThere.cursor, reset: true })
  expect(justThere).toMatchObject({ items: [{ type: 'submit' }], reset: false })
})

test('who hangs up is waited for no longer', async () => {
  await using other = await startDashboard()
  const caller = await other.token(['read'])
  const { cursor } = (await caller.get<Body>('/api/events')).body
  const listeners = spyOnListeners(other)
  const hungUp = new AbortController()

  const waiting = caller.fetch(`/api/events?after=${cursor}&wait=20`, { signal: hungUp.signal })
  await waitFor(async () => listeners.count() === 1, 'somebody who waits')
  hungUp.abort()
  await expect(waiting).rejects.toThrow('abort')

  expect(await waitFor(async () => listeners.count() === 0, 'nobody who waits')).toBe(true)
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
  const reader = await dashboard.token(['read'], 'admin')
  const admin = await dashboard.token(['read', 'admin'], 'admin')
  const seenBy = async (who: Client) =>
    (await who.get<Body>(`/api/events?after=${cursor}`)).body.items.map(({ noun }) => noun)

  expect(items.map(({ noun }) => noun)).toEqual(['prompt'])
  expect(await seenBy(reader)).not.toContain('login')
  expect(await seenBy(admin)).toContain('login')
})

test.each(['after=-1', 'after=x', 'wait=26', 'wait=-1', 'noun=nothing', 'limit=0'])(
  '?%s is refused',
  async (query) => {
    expect((await client.get(`/api/events?after=0&${query}`)).status).toBe(400)
  },
)
