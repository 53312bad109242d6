import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot, programPath } from '../../../core/paths.ts'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'
import { fuzzEnvelopes } from '../../../testing/fuzz/envelopes.ts'

let dashboard: TestDashboard
let person: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read'], 'viewer')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface Groups {
  items: {
    id: number
    error_type: string
    message: string
    source: string
    count: number
    last_node: string
  }[]
}

const found = async (q: string) => (await person.get<Groups>(`/api/errors/groups?q=${q}`)).body.items

test('an unmodified @sentry/node reports a crash by its DSN', async () => {
  const dsn = `${dashboard.url.replace('://', '://key@')}/1`
  const program = programPath('app/testing/sentry-crash')

  const child = spawn(process.execPath, ['--import', 'tsx', program, dsn], {
    cwd: packageRoot,
    stdio: 'ignore',
  })
  const [code] = (await once(child, 'exit')) as [number]

  const [group] = await found('basket')
  expect(code).toBe(1)
  expect(group).toMatchObject({
    error_type: 'TypeError',
    message: 'the basket of 17 is gone',
    last_node: 'pi-9',
  })
  const shown = await person.get<{ samples: { stack: string }[] }>(`/api/errors/${group!.id}`)
  expect(shown.body.samples[0]!.stack).toMatch(/TypeError: the basket of 17 is gone\n {4}at /)
})

const send = (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
  dashboard.anonymous.fetch(path, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers })

test('events of an envelope are taken and other items counted, however it is packed', async () => {
  const event = JSON.stringify({ event_id: 'e1', message: 'from an envelope' })
  const envelope = `{}\n{"type":"session"}\n{}\n{"type":"event","length":${event.length}}\n${event}\n{"type":"event"}\n${event}\n`

  const answer = await send('/api/7/envelope/', gzipSync(envelope), { 'content-encoding': 'gzip' })

  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ id: 'e1' })
  expect(await found('envelope')).toMatchObject([{ count: 2 }])
  await expect
    .poll(async () => (await person.get<{ items: object[] }>('/api/errors/refused')).body.items, {
      timeout: 5_000,
    })
    .toContainEqual(expect.objectContaining({ source: 'project 7', reason: 'sentry session', count: 1 }))
})

test('an event of an older SDK is taken at /store/', async () => {
  const answer = await send('/api/7/store/', JSON.stringify({ message: 'from the store' }))

  expect(answer.status).toBe(200)
  expect(await found('store')).toHaveLength(1)
})

test('pages of other sites may report to the paths of Sentry, and to nothing else', async () => {
  const foreign = { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' }
  const event = JSON.stringify({ message: 'from a page elsewhere' })

  const asked = await dashboard.anonymous.fetch('/api/7/envelope/', { method: 'OPTIONS', headers: foreign })
  const taken = await send('/api/7/store/', event, foreign)
  const broken = await send('/api/7/store/', '{', foreign)
  const ours = await send('/api/errors', event, { ...foreign, 'content-type': 'application/json' })
  const api = await dashboard.anonymous.fetch('/api/errors', { headers: foreign })

  expect(asked.status).toBe(204)
  expect(asked.headers.get('access-control-allow-headers')).toContain('X-Sentry-Auth')
  for (const answer of [asked, taken, broken]) {
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBe(null)
  }
  expect([taken.status, broken.status, ours.status]).toEqual([200, 400, 403])
  for (const answer of [ours, api]) expect(answer.headers.get('access-control-allow-origin')).toBe(null)
})

test('a cookie or a token makes no difference to what is reported', async () => {
  const { cookie } = await dashboard.signIn('viewer')
  const body = JSON.stringify({ message: 'said by somebody' })
  const json = { 'content-type': 'application/json' }
  const own = { ...json, cookie, origin: dashboard.url }

  const withCookie = await send('/api/errors', body, own)
  const withToken = await send('/api/errors', body, { ...json, authorization: 'Bearer nonsense' })
  const led = await send('/api/errors', body, { ...own, origin: 'https://shop.example' })

  expect([withCookie.status, withToken.status, led.status]).toEqual([200, 200, 403])
})

test('a body that unpacks without end is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(100 * 1_048_576))

  const answer = await send('/api/7/envelope/', bomb, { 'content-encoding': 'gzip' })

  expect(answer.status).toBe(413)
})

test('whatever is sent, the answer is 2xx or 4xx', { timeout: 120_000 }, async () => {
  const statuses = await fuzzEnvelopes({ url: dashboard.url, cases: 2_000, seed: 7 })

  expect(
    [...statuses.keys()].filter((status) => status < 200 || (status >= 300 && status < 400) || status >= 500),
  ).toEqual([])
  expect(statuses.get(200) ?? 0).toBeGreaterThan(100)
  expect((await dashboard.anonymous.get('/health')).status).toBe(200)
})
