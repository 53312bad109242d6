import { expect, test } from 'vitest'
import type { Clock } from '../../core/clock.ts'
import { systemClock } from '../../core/clock.ts'
import { clientOf, startDashboard, testPassword } from '../../testing/dashboard.ts'
import { waitFor } from '../../testing/wait-for.ts'

interface Made {
  id: number
  token: string
}

test('a token is shown once, stored as a hash, and works until it is ended', async () => {
  await using dashboard = await startDashboard()
  const owner = await dashboard.signIn('operator')

  const made = await owner.send<Made>('POST', '/api/tokens', { name: 'ci', scopes: ['read'] })
  const program = clientOf(dashboard.url, { Authorization: `Bearer ${made.body.token}` })
  const used = await program.get('/api/session')
  const listed = await owner.get('/api/tokens')
  const rows = await dashboard.web.database.kysely.selectFrom('tokens').selectAll().execute()
  const ended = await owner.send('DELETE', `/api/tokens/${made.body.id}`)
  const replayed = await program.get('/api/session')

  expect(made.status).toBe(201)
  expect(used).toMatchObject({ status: 200, body: { kind: 'token', scopes: ['read'] } })
  expect(listed.body).toMatchObject({ items: [{ name: 'ci', scopes: ['read'], expired: false }] })
  expect(JSON.stringify([listed.body, rows])).not.toContain(made.body.token)
  expect([ended.status, replayed.status]).toEqual([200, 401])
})

test('its last use is kept at most once a minute', async () => {
  let now = Date.parse('2026-01-01')
  await using dashboard = await startDashboard({ clock: clockAt(() => now) })
  const program = await dashboard.token(['read', 'admin'])
  const uses = async () => {
    const [row] = await dashboard.web.database.kysely.selectFrom('tokens').select('used_at').execute()
    return row!.used_at
  }

  const first = now
  await program.get('/api/session')
  await waitFor(async () => (await uses()) === first, 'the first use')
  now += 59_000
  await program.get('/api/session')
  now += 2_000
  const last = now
  const between = await uses()
  await program.get('/api/session')
  await waitFor(async () => (await uses()) === last, 'the last use')

  expect(between).toBe(first)
})

test('a token ends at its time', async () => {
  let now = Date.parse('2026-01-01')
  await using dashboard = await startDashboard({ clock: clockAt(() => now) })
  const admin = await dashboard.token()
  const made = await admin.send<Made>('POST', '/api/tokens', {
    name: 'short',
    scopes: ['read'],
    expires_in_days: 1,
  })
  const program = clientOf(dashboard.url, { Authorization: `Bearer ${made.body.token}` })

  const before = await program.get('/api/session')
  now += 24 * 60 * 60_000
  const after = await program.get('/api/session')

  expect([before.status, after.status]).toEqual([200, 401])
})

test('a token makes none that may do more than itself', async () => {
  await using dashboard = await startDashboard()
  const settler = await dashboard.token(['admin'], 'admin')

  const more = await settler.send('POST', '/api/tokens', { name: 'more', scopes: ['admin', 'prompts'] })
  const same = await settler.send('POST', '/api/tokens', { name: 'same', scopes: ['admin'] })

  expect([more.status, same.status]).toEqual([403, 201])
})

test.each(['', '  ', 'a\nb', 'a\u0000b', '\ud800', 'x'.repeat(81)])(
  'a token cannot be called %j',
  async (name) => {
    await using dashboard = await startDashboard()
    const owner = await dashboard.token()

    const made = await owner.send('POST', '/api/tokens', { name, scopes: ['read'] })

    expect(made).toMatchObject({ status: 400, body: { error: { code: 'invalid' } } })
  },
)

test("nobody but an administrator sees or ends somebody else's tokens", async () => {
  await using dashboard = await startDashboard()
  const admin = await dashboard.signIn('admin')
  const viewer = await dashboard.signIn('viewer')
  const made = await admin.send<Made>('POST', '/api/tokens', { name: 'mine', scopes: ['read'] })
  const other = await viewer.send<Made>('POST', '/api/tokens', { name: 'theirs', scopes: ['read'] })

  const seen = await viewer.get<{ items: unknown[] }>('/api/tokens')
  const all = await viewer.get('/api/tokens?all=true')
  const ended = await viewer.send('DELETE', `/api/tokens/${made.body.id}`)
  const endedByAdmin = await admin.send('DELETE', `/api/tokens/${other.body.id}`)

  expect(seen.body.items).toHaveLength(1)
  expect([all.status, ended.status, endedByAdmin.status]).toEqual([403, 404, 200])
})

test('a short-lived token takes name and password, and ends with its time or with the password', async () => {
  let now = Date.parse('2026-01-01')
  await using dashboard = await startDashboard({ clock: clockAt(() => now) })
  const browser = await dashboard.signIn('operator')
  const credentials = { username: 'test-operator', password: testPassword }
  const make = async () => {
    const { body } = await dashboard.anonymous.send<{ access_token: string }>('POST', '/api/token', {
      ...credentials,
      expires_in: 600,
      scopes: ['read', 'prompts'],
    })
    return clientOf(dashboard.url, { Authorization: `Bearer ${body.access_token}` })
  }

  const first = await make()
  const early = await first.get('/api/session')
  now += 600_000
  const late = await first.get('/api/session')
  const second = await make()
  const valid = await second.get('/api/session')
  await browser.send('POST', '/api/account/password', {
    current_password: testPassword,
    new_password: 'another password',
  })
  const ended = await second.get('/api/session')

  expect(early).toMatchObject({ status: 200, body: { scopes: ['read', 'prompts'], kind: 'token' } })
  expect([late.status, valid.status, ended.status]).toEqual([401, 200, 401])
})

test.each([
  ['nothing', ''],
  [
    'an unsigned token',
    `${encode({ alg: 'none' })}.${encode({ sub: '1', exp: 9e9, version: 0, scopes: ['admin'] })}.`,
  ],
  ['a foreign signature', `${encode({ alg: 'HS256' })}.${encode({ sub: '1', exp: 9e9 })}.AAAA`],
  ['an unknown token', 'arch_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  ['a very long one', 'x'.repeat(10_000)],
])('%s lets nobody in', async (_name, token) => {
  await using dashboard = await startDashboard()
  const program = clientOf(dashboard.url, { Authorization: `Bearer ${token}` })

  const answer = await program.get('/api/session')

  expect(answer).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } })
})

test('a token neither logs in nor out', async () => {
  await using dashboard = await startDashboard()
  const program = await dashboard.token()

  const login = await program.send('POST', '/login', { username: 'test-admin', password: testPassword })
  const logout = await program.send('POST', '/logout')

  expect([login.status, logout.status]).toEqual([400, 400])
  expect(login.headers.getSetCookie()).toEqual([])
})

test('a token that is worth nothing is not made up for by a cookie', async () => {
  await using dashboard = await startDashboard()
  const browser = await dashboard.signIn('admin')

  const answer = await browser.fetch('/api/session', { headers: { Authorization: 'Bearer arch_wrong' } })

  expect(answer.status).toBe(401)
})

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function clockAt(now: () => number): Clock {
  return { now, sleep: (ms, signal) => systemClock.sleep(ms, signal) }
}
