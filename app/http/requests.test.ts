import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'
import { defineRoute, type Route } from './route.ts'
import { routes } from './routes.ts'

const json = { 'Content-Type': 'application/json' }

/** A route that says what it got. */
const echoRoute = defineRoute({
  method: 'post',
  path: '/api/echo/:name',
  tag: 'Test',
  summary: 'What was sent',
  access: { role: 'viewer', scope: 'read' },
  params: z.object({ name: z.string() }),
  query: z.object({ tag: z.string().optional() }),
  body: z.object({ content: z.string().min(1), deep: z.unknown().optional() }),
  reply: z.unknown(),
  handle: ({ params, query, body }) => Promise.resolve({ ...params, ...query, ...body }),
})

const brokenRoute = defineRoute({
  method: 'get',
  path: '/api/broken',
  tag: 'Test',
  summary: 'A fault of ours',
  access: 'public',
  reply: z.unknown(),
  handle: () => Promise.reject(new Error('secret detail at /home/ann/x.ts')),
})

const nested = (depth: number) => `{"content":"x","deep":${'['.repeat(depth)}${']'.repeat(depth)}}`

describe('a body', () => {
  test.each<[string, number, string, RequestInit]>([
    ['JSON that is cut off', 400, 'invalid', { body: '{"content":', headers: json }],
    ['JSON that is no object', 400, 'invalid', { body: '[1]', headers: json }],
    ['a bare JSON value', 400, 'invalid', { body: '"x"', headers: json }],
    ['none', 400, 'invalid', {}],
    ['a wrong type in a field', 400, 'invalid', { body: '{"content":1}', headers: json }],
    [
      'bytes that are no UTF-8 in JSON',
      400,
      'invalid',
      { body: Buffer.from('{"content":"\xff"}', 'latin1'), headers: json },
    ],
    ['XML', 415, 'unsupported', { body: '<x/>', headers: { 'Content-Type': 'text/xml' } }],
    ['plain text', 415, 'unsupported', { body: 'x', headers: { 'Content-Type': 'text/plain' } }],
    ['a form where none is expected', 415, 'unsupported', { body: new URLSearchParams({ content: 'x' }) }],
    [
      'an unknown encoding',
      415,
      'unsupported',
      { body: '{}', headers: { ...json, 'Content-Encoding': 'rot13' } },
    ],
    [
      'an unknown character set',
      415,
      'unsupported',
      { body: '{}', headers: { 'Content-Type': 'application/json; charset=koi8-r' } },
    ],
    ['3 MB', 413, 'too_large', { body: JSON.stringify({ content: 'x'.repeat(3_000_000) }), headers: json }],
    [
      '30 MB in 30 kB',
      413,
      'too_large',
      {
        body: gzipSync(JSON.stringify({ content: 'x'.repeat(30_000_000) })),
        headers: { ...json, 'Content-Encoding': 'gzip' },
      },
    ],
    ['an array 65 deep', 400, 'invalid', { body: nested(65), headers: json }],
    ['an array 50,000 deep', 400, 'invalid', { body: nested(50_000), headers: json }],
  ])('of %s is answered with %i %s', async (_name, status, code, init) => {
    await using dashboard = await startWith([echoRoute])
    const client = await dashboard.token(['read'])

    const response = await client.fetch('/api/echo/x', { method: 'POST', ...init })
    const body: unknown = await response.json()

    expect(response.status).toBe(status)
    expect(body).toEqual({
      error: { code, message: expect.any(String), request_id: response.headers.get('x-request-id') },
    })
  })

  test('with a thousand mistakes is answered with one sentence that ends', async () => {
    await using dashboard = await startDashboard()
    const client = await dashboard.token(['prompts'])
    const unknown = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`${'x'.repeat(100)}${n}`, 1]))

    const answer = await client.send<{ error: { message: string } }>('POST', '/api/assigner/send', {
      content: 'x',
      ...unknown,
    })

    expect(answer.status).toBe(400)
    expect(answer.body.error.message.length).toBeLessThan(1_100)
  })

  test('of somebody unknown is not read before they are refused', async () => {
    await using dashboard = await startWith([echoRoute])

    const response = await dashboard.anonymous.fetch('/api/echo/x', {
      method: 'POST',
      body: '{',
      headers: json,
    })

    expect(response.status).toBe(401)
  })

  test('of a login is small', async () => {
    await using dashboard = await startDashboard()
    const body = { username: 'x', password: 'x', next: 'x'.repeat(20_000) }

    const answer = await dashboard.anonymous.send('POST', '/login', body)

    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } })
  })

  test('cannot reach what objects inherit', async () => {
    await using dashboard = await startWith([echoRoute])
    const client = await dashboard.token(['read'])

    const response = await client.fetch('/api/echo/x', {
      method: 'POST',
      body: '{"content":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      headers: json,
    })

    expect(await response.json()).toEqual({ name: 'x', content: 'x' })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('of the largest prompt gets through, whatever is in it', async () => {
    await using dashboard = await startWith([echoRoute])
    const client = await dashboard.token(['read'])
    const content = '\u0001'.repeat(300_000) + '<script>é😀'

    const answer = await client.send('POST', '/api/echo/x', { content })

    expect(answer).toMatchObject({ status: 200, body: { content } })
  })
})

describe('an address', () => {
  test.each(['/api/echo/%', '/api/echo/a%00b', '/api/echo/%ff', '/%c0%ae%c0%ae/x'])(
    '%s is refused, not a fault',
    async (path) => {
      await using dashboard = await startWith([echoRoute])
      const client = await dashboard.token(['read'])

      const answer = await client.send('POST', path, { content: 'x' })

      expect([400, 404]).toContain(answer.status)
      expect(answer.body).toMatchObject({ error: { code: expect.any(String) } })
    },
  )

  test('with a parameter given twice is refused where one is expected', async () => {
    await using dashboard = await startWith([echoRoute])
    const client = await dashboard.token(['read'])

    const answer = await client.send('POST', '/api/echo/x?tag=a&tag=b', { content: 'x' })

    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid' } } })
  })
})

describe('headers', () => {
  test('of an answer never come from what was sent', async () => {
    await using dashboard = await startWith([echoRoute])
    const injected = '%0d%0aX-Injected:%201%0d%0a'

    const answers = await Promise.all(
      [`/${injected}`, `/login?next=/${injected}`, `/queue?x=${injected}`].map((path) =>
        dashboard.anonymous.fetch(path, { headers: { Accept: 'text/html' } }),
      ),
    )

    for (const answer of answers) expect.soft(answer.headers.get('x-injected')).toBeNull()
  })

  test('that are no HTTP end the connection, not the dashboard', async () => {
    await using dashboard = await startDashboard()
    const requests = [
      'GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(100_000)}\r\n\r\n`,
      'GET / HTTP/1.1\r\n\r\n',
      '\0\0\0',
    ]

    const answers = await Promise.all(requests.map((request) => sendRaw(dashboard, request)))
    const alive = await dashboard.anonymous.get('/health')

    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['400', '400', '431', '400', '400'])
    expect(alive.status).toBe(200)
  })

  test.each(['OPTIONS *', 'GET nothing', 'GET ?', 'POST http://evil.example/login', 'GET //evil.example/..'])(
    'with %j as what is asked for lead to a refusal, not a fault',
    async (asked) => {
      await using dashboard = await startDashboard()

      const answer = await sendRaw(dashboard, `${asked} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)

      expect(answer).toMatch(/^HTTP\/1\.1 (2|3|4)\d\d /)
    },
  )

  test('of every answer forbid what no page of ours needs', async () => {
    await using dashboard = await startDashboard()

    const { headers } = await dashboard.anonymous.fetch('/health')

    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('a fault of ours tells its request id and nothing about us', async () => {
  await using dashboard = await startWith([brokenRoute])

  const answer = await dashboard.anonymous.get('/api/broken')

  expect(answer.status).toBe(500)
  expect(answer.body).toEqual({
    error: {
      code: 'internal',
      message: expect.not.stringContaining('secret'),
      request_id: answer.headers.get('x-request-id'),
    },
  })
})

function startWith(more: readonly Route[]): Promise<TestDashboard> {
  return startDashboard({ routes: [...routes, ...more] })
}

function sendRaw({ url }: TestDashboard, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(request)
  return text(socket)
}
