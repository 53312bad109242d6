import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { QueueSnapshot } from '../../broker/snapshot.ts'
import type { Thread } from '../../broker/thread.ts'
import { endAttempt } from '../../db/attempts.ts'
import { advancePrompt, clearPrompts } from '../../db/prompts.ts'
import type { Json } from '../../json.ts'
import { runTagged } from '../../testing/claiming.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { currentSnapshot } from '../snapshot.ts'

type Item = Json<QueueSnapshot>['items'][number]
interface Changed {
  success: true
  prompt_id: number
  prompt: Item
  error: { code: string; message: string }
}
type Shown = Item & { attempts: Json<Thread>[] }

let dashboard: TestDashboard
let client: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'prompts'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())
beforeEach(async () => {
  const { database } = dashboard.web
  const { items } = await list('')
  for (const { id, status } of items) {
    if (status === 'queued') await client.send('DELETE', `/api/prompts/${id}`)
  }
  await database.write((db) => clearPrompts(db, {}, Date.now()))
})

async function list(query: string): Promise<Json<QueueSnapshot>> {
  const { status, body } = await client.get<Json<QueueSnapshot>>(`/api/prompts?limit=200&${query}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

function change(method: string, path: string, body?: object) {
  return client.send<Changed>(method, `/api/prompts${path}`, body)
}

async function add(prompt: string, project?: string): Promise<number> {
  const { body } = await change('POST', '', { prompt, ...(project && { project_id: project }) })
  return body.prompt_id
}

test('a prompt is queued with its project, edited, taken out and retried', async () => {
  const made = await change('POST', '', { prompt: 'Fix it', project_id: 'shop' })
  const path = `/${made.body.prompt_id}`

  const edited = await change('PUT', path, { prompt: 'Fix it well', project_id: null })
  const gone = await change('DELETE', path)
  const again = await change('POST', `${path}/retry`)

  expect(made.body).toMatchObject({
    success: true,
    prompt: { prompt: 'Fix it', status: 'queued', project_id: 'shop', queue_position: 1, attempt_count: 0 },
  })
  expect(edited.body.prompt).toMatchObject({ prompt: 'Fix it well', project_id: null })
  expect(gone.body.prompt).toMatchObject({ status: 'canceled', queue_position: null })
  expect(again.body.prompt).toMatchObject({ status: 'queued', queue_position: 1 })
})

describe('the queue', () => {
  test('has what waits first in the order of its turn, then what runs, then what is over', async () => {
    const done = await add('done')
    await change('DELETE', `/${done}`)
    const runs = await running()
    const [first, second] = [await add('first'), await add('second')]
    const urgent = await sendUrgent()

    const { items, status_buckets: buckets, next_cursor: next } = await list('')

    expect(items.map(({ id, status, queue_position: place }) => [id, status, place])).toEqual([
      [urgent, 'queued', 1],
      [first, 'queued', 2],
      [second, 'queued', 3],
      [runs, 'running', 0],
      [done, 'canceled', null],
    ])
    expect(buckets.queued).toEqual({ count: 3, ids: [urgent, first, second] })
    expect(buckets.running).toEqual({ count: 1, ids: [runs] })
    expect(buckets.canceled).toEqual({ count: 1, ids: [done] })
    expect(buckets.server_restarting).toEqual({ count: 0, ids: [] })
    expect(next).toBeNull()
    await end(runs)
  })

  test('comes in pages that miss nothing and keep the places', async () => {
    for (const text of ['a', 'b', 'c']) await add(text)
    const over = [await add('x'), await add('y')]
    for (const id of over) await change('DELETE', `/${id}`)

    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 10; pages += 1) {
      const query = `limit=2${cursor && `&cursor=${cursor}`}`
      const { body } = await client.get<Json<QueueSnapshot>>(`/api/prompts?${query}`)
      seen.push(...body.items.map(({ prompt, queue_position: place }) => `${prompt}${place ?? ''}`))
      if (body.next_cursor === null) break
      cursor = body.next_cursor
    }

    expect(seen).toEqual(['a1', 'b2', 'c3', 'y', 'x'])
  })

  test('is filtered by project and by status, with the places of the whole queue', async () => {
    await add('other')
    const ours = await add('ours', 'shop')
    await add("it's", "shop' or 1=1 --")

    const shop = await list('project_id=shop')
    const running = await list('status=running,completed')

    expect(shop.items.map(({ id, queue_position: place }) => [id, place])).toEqual([[ours, 2]])
    expect(running.items).toEqual([])
  })

  test('shows the beginning of a long text, and its length; alone it is whole', async () => {
    const text = '🙂'.repeat(5_000)
    const id = await add(text)

    const { items } = await list('')
    const { body } = await client.get<Item>(`/api/prompts/${id}`)

    expect(items[0]).toMatchObject({ prompt: '🙂'.repeat(4_000), prompt_length: 5_000 })
    expect(body).toMatchObject({ prompt: text, prompt_length: 5_000 })
  })

  test.each(['cursor=x', 'cursor=queued.1', 'cursor=ended.a.b', 'status=pending', 'limit=1000'])(
    '?%s is refused',
    async (query) => {
      expect((await client.get(`/api/prompts?${query}`)).status).toBe(400)
    },
  )

  test('its snapshot for sockets is its first page', async () => {
    await add('a')

    const snapshot = await currentSnapshot(dashboard.web)
    const { body } = await client.get('/api/prompts')
    await add('b')
    const later = await currentSnapshot(dashboard.web)

    expect(snapshot).toEqual(body)
    expect(later.items.map(({ prompt }) => prompt)).toEqual(['a', 'b'])
  })
})

test('each attempt is a thread: the prompt, what was seen, the answer', async () => {
  const id = await running()
  await end(id, 'It was the cache.')

  const { body } = await client.get<Shown>(`/api/prompts/${id}`)
  const output = await client.get(`/api/prompts/${id}/output`)

  expect(body).toMatchObject({ id, status: 'completed', attempt_count: 1 })
  expect(body.attempts).toMatchObject([{ number: 1, status: 'completed', session: 'web', agent: 'claude' }])
  expect(body.attempts[0]!.messages.map(({ role, content }) => [role, content])).toEqual([
    ['user', 'runs'],
    ['system', 'the turn ended'],
    ['assistant', 'It was the cache.'],
  ])
  expect(output.body).toMatchObject({ live: false, attempt: 1, output: 'It was the cache.' })
})

test("while it runs, its output is its session's screen", async () => {
  const { paneId } = await dashboard.server.open({ name: 'shown', command: ['sh', '-c', 'echo drawn; cat'] })
  const id = await running({ sessionKey: `test/${serverLabel()}/${paneId}` })

  const shown = await waitFor(async () => {
    const { body } = await client.get<{ live: boolean; output: string }>(`/api/prompts/${id}/output?lines=3`)
    return body.output.includes('drawn') ? body : null
  }, 'the screen')

  expect(shown).toMatchObject({ live: true, output: expect.stringMatching(/^drawn$/) })
  await end(id)
})

test('running, it is canceled by being interrupted', async () => {
  const id = await running()

  const canceled = await change('POST', `/${id}/cancel`)

  expect(canceled).toMatchObject({ status: 200, body: { prompt: { status: 'running' } } })
  await end(id)
})

test('a prompt that restarts the service survives it as it says', async () => {
  const id = await running()
  const waiting = await add('waits')

  const restarting = await change('POST', `/${id}/server_restarting`, {
    summary: 'Restarting backend to land new config',
    requires_follow_up: true,
  })
  const refused = await change('POST', `/${waiting}/server_restarting`, {})
  const { status_buckets: buckets } = await list('')

  expect(restarting.body.prompt).toMatchObject({
    status: 'server_restarting',
    requires_follow_up: true,
    summary: 'Restarting backend to land new config',
    queue_position: 0,
  })
  expect(refused.status).toBe(409)
  expect(buckets.server_restarting.ids).toEqual([id])
})

test.each([
  ['POST', '', {}],
  ['POST', '', { prompt: '   ' }],
  ['POST', '', { prompt: 'x', target: 'y' }],
  ['POST', '', { prompt: 'x', project_id: 7 }],
  ['PUT', '/1', { prompt: 5 }],
])('%s %s with %j is refused', async (method, path, body) => {
  expect([400, 404]).toContain((await change(method, path, body)).status)
})

let tags = 0

async function running(where: { sessionKey?: string } = {}): Promise<number> {
  tags += 1
  const body = { content: 'runs', target_tag: `t${tags}` }
  const made = await client.send<Changed>('POST', '/api/assigner/send', body)
  await runTagged(dashboard.web.database, `t${tags}`, where)
  return made.body.prompt_id
}

async function end(id: number, answer = 'done'): Promise<void> {
  const { body } = await client.get<Shown>(`/api/prompts/${id}`)
  const held = { id: body.attempts.at(-1)!.id, leaseEpoch: 1 }
  const evidence = [{ source: 'screen' as const, at: 1, says: 'the turn ended' }]
  await dashboard.web.database.write(async (db) => {
    await endAttempt(db, held, 'completed', { answer, evidence }, Date.now())
    await advancePrompt(db, id, 'finish', {}, Date.now())
  })
}

async function sendUrgent(): Promise<number> {
  const body = { content: 'urgent', priority: 9 }
  return (await client.send<Changed>('POST', '/api/assigner/send', body)).body.prompt_id
}

function serverLabel(): string {
  return dashboard.server.socket.label
}
