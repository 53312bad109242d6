import { describe, expect, test } from 'vitest'
import { longestLoginMs } from '../../accounts/timeout.ts'
import { systemClock, type Clock } from '../../core/clock.ts'
import { eventsAfter } from '../../db/events.ts'
import {
  clientOf,
  cookieOf,
  startDashboard,
  testPassword,
  type Client,
  type TestDashboard,
} from '../../testing/dashboard.ts'
import { waitFor } from '../../testing/wait-for.ts'

const start = Date.parse('2026-01-01')

test('the right password starts a session that a cookie carries, and logout ends it for good', async () => {
  await using dashboard = await startDashboard()
  const client = await dashboard.signIn('viewer')

  const known = await client.get('/api/session')
  const out = await client.send('POST', '/logout')
  const replayed = await client.get('/api/session')

  expect(client.cookie).toMatch(/^architect\.sid=s%3A/)
  expect([known.status, out.status, replayed.status]).toEqual([200, 200, 401])
})

test('the cookie is out of reach of scripts and other sites, and is not what the database keeps', async () => {
  await using dashboard = await startDashboard()
  await dashboard.signIn('viewer')
  const response = await logIn(dashboard.anonymous)

  const [cookie] = response.headers.getSetCookie()
  const rows = await dashboard.web.database.kysely.selectFrom('browser_sessions').selectAll().execute()

  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/)
  const id = decodeURIComponent(cookieOf(response))
    .replace(/^.*=s:/, '')
    .split('.')[0]!
  expect(id.length).toBeGreaterThanOrEqual(32)
  expect(JSON.stringify(rows)).not.toContain(id)
})

test('an id that somebody planted before the login is not the id after it', async () => {
  await using dashboard = await startDashboard()
  const first = await dashboard.signIn('viewer')

  const response = await logIn(first)
  const planted = await first.get('/api/session')
  const fresh = await clientOf(dashboard.url, { Cookie: cookieOf(response) }).get('/api/session')

  expect(cookieOf(response)).not.toBe(first.cookie)
  expect([planted.status, fresh.status]).toEqual([401, 200])
})

test('a cookie with another signature, or none, is nobody', async () => {
  await using dashboard = await startDashboard()
  const { cookie } = await dashboard.signIn('admin')
  const cookies = [
    cookie.slice(0, -3),
    `${cookie}x`,
    cookie.replace('s%3A', ''),
    'architect.sid=s%3A.',
    'architect.sid=%',
    'architect.sid=[object Object]',
  ]

  const answers = await Promise.all(
    cookies.map((each) => clientOf(dashboard.url, { Cookie: each }).get('/api/session')),
  )

  expect(answers.map(({ status }) => status)).toEqual(cookies.map(() => 401))
})

test("nobody is logged in or out by somebody else's page", async () => {
  await using dashboard = await startDashboard()
  const { cookie } = await dashboard.signIn('viewer')
  const foreign = clientOf(dashboard.url, { Origin: 'http://evil.example' })
  const led = clientOf(dashboard.url, { Origin: 'http://evil.example', Cookie: cookie })

  const login = await logIn(foreign)
  const logout = await led.send('POST', '/logout')
  const after = await led.get('/api/session')

  expect([login.status, logout.status, after.status]).toEqual([403, 403, 200])
  expect(login.headers.getSetCookie()).toEqual([])
})

test('who logged in, from where, and who failed to, is in the log', async () => {
  await using dashboard = await startDashboard()
  const client = await dashboard.signIn('viewer')
  await client.send('POST', '/logout')
  await dashboard.anonymous.send('POST', '/login', { username: 'test-viewer', password: 'wrong' })

  const logged = await eventsAfter(dashboard.web.database.kysely, 0, { limit: 100, noun: 'login' })

  const actor = { kind: 'user', name: 'test-viewer', address: '127.0.0.1' }
  expect(logged).toMatchObject([
    { type: 'start', actor },
    { type: 'end', actor, data: { reason: 'logout' } },
    { type: 'fail', actor: null, data: { name: 'test-viewer', address: '127.0.0.1' } },
  ])
})

test('requests without a login leave nothing in the database and set no cookie', async () => {
  await using dashboard = await startDashboard()

  const answer = await dashboard.anonymous.get('/api/session')
  const wrong = await dashboard.anonymous.send('POST', '/login', { username: 'nobody', password: 'x' })
  const rows = await dashboard.web.database.kysely.selectFrom('browser_sessions').select('id').execute()

  expect([answer.headers.getSetCookie(), wrong.headers.getSetCookie(), rows]).toEqual([[], [], []])
})

describe('a browser without scripts', () => {
  test.each([
    ['/queue?state=failed', '/queue?state=failed'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example/', '/'],
    ['/\t/evil.example', '/'],
    ['/x\r\nSet-Cookie: a=b', '/'],
    ['javascript:alert(1)', '/'],
    ['', '/'],
  ])('goes on to %j after its login as %j', async (next, expected) => {
    await using dashboard = await startDashboard()
    await dashboard.signIn('viewer')

    const response = await logIn(dashboard.anonymous, { next })

    expect([response.status, response.headers.get('location')]).toEqual([303, expected])
    expect(response.headers.getSetCookie()).toHaveLength(1)
  })

  test('gets the form again when the password was wrong, with a word why and what it typed', async () => {
    await using dashboard = await startDashboard()
    const sent = { username: '"><script>x</script>', password: 'wrong', next: '/queue' }

    const response = await dashboard.anonymous.fetch('/login', {
      method: 'POST',
      headers: { Accept: 'text/html' },
      body: new URLSearchParams(sent),
    })
    const page = await response.text()

    expect(response.status).toBe(401)
    expect(page).toContain('The user name or the password is wrong.')
    expect(page).toContain('name="next" value="/queue"')
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;')
    expect(page).not.toContain('<script>x')
  })
})

describe('a login ends', () => {
  test('when nothing was done for SESSION_TIMEOUT; what pages do by themselves is nothing', async () => {
    const { dashboard, pass } = await withClock({ sessionTimeoutMs: 600_000 })
    await using _ = dashboard
    const client = await dashboard.signIn('viewer')

    pass(400_000)
    const polled = await client.fetch('/api/account/sessions', { headers: { 'X-Background': '1' } })
    const asked = await client.get<{ seconds_left: number }>('/api/session')
    pass(201_000)
    const after = await client.get('/api/session')

    expect([polled.status, asked.body.seconds_left, after.status]).toEqual([200, 200, 401])
  })

  test('later when something was done', async () => {
    const { dashboard, pass } = await withClock({ sessionTimeoutMs: 600_000 })
    await using _ = dashboard
    const client = await dashboard.signIn('viewer')

    pass(400_000)
    await client.get('/api/account/sessions')
    await waitFor(async () => (await secondsLeft(client)) === 600, 'the activity')
    pass(400_000)
    const left = await secondsLeft(client)

    expect(left).toBe(200)
  })

  test('later when its person asks to stay, at once', async () => {
    const { dashboard, pass } = await withClock({ sessionTimeoutMs: 600_000 })
    await using _ = dashboard
    const client = await dashboard.signIn('viewer')

    pass(599_000)
    const extended = await client.send('POST', '/api/session/extend')
    pass(599_000)
    const left = await secondsLeft(client)

    expect(extended).toMatchObject({ status: 200, body: { seconds_left: 600, warn_at_seconds: 300 } })
    expect(left).toBe(1)
  })

  test('after twelve hours however much is done', async () => {
    const { dashboard, pass } = await withClock({ sessionTimeoutMs: 3_600_000 })
    await using _ = dashboard
    const client = await dashboard.signIn('viewer')

    for (let passed = 0; passed < longestLoginMs - 60_000; passed += 1_800_000) {
      pass(Math.min(1_800_000, longestLoginMs - 60_000 - passed))
      await client.send('POST', '/api/session/extend')
    }
    const left = await secondsLeft(client)
    pass(60_000)
    const after = await client.get('/api/session')

    expect(left).toBe(60)
    expect(after.status).toBe(401)
  })

  test('with an event, soon after its time', async () => {
    const { dashboard, pass } = await withClock({ sessionTimeoutMs: 600_000 })
    await using _ = dashboard
    const client = await dashboard.signIn('viewer')
    const { id } = await currentLogin(client)

    pass(600_000)
    const ended = await waitFor(() => endOf(dashboard, `session:${id}`), 'the event')

    expect(ended.data).toMatchObject({ reason: 'its time was over' })
  })

  test('when its person ends it from another browser, one or all others', async () => {
    await using dashboard = await startDashboard()
    const [mine, lost, old] = [
      await dashboard.signIn('viewer'),
      await dashboard.signIn('viewer'),
      await dashboard.signIn('viewer'),
    ]
    const { id } = await currentLogin(lost)

    const one = await mine.send('DELETE', `/api/account/sessions/${id}`)
    const statuses = [await lost.get('/api/session'), await old.get('/api/session')].map((a) => a.status)
    const others = await mine.send('DELETE', '/api/account/sessions')
    const after = [await old.get('/api/session'), await mine.get('/api/session')].map((a) => a.status)
    const event = await endOf(dashboard, `session:${id}`)

    expect([one.status, ...statuses]).toEqual([200, 401, 200])
    expect(others.body).toEqual({ ended: 1 })
    expect(after).toEqual([401, 200])
    expect(event).toMatchObject({ actor: { kind: 'user', name: 'test-viewer' } })
  })

  test("but not by somebody else's hand", async () => {
    await using dashboard = await startDashboard()
    const admin = await dashboard.signIn('admin')
    const viewer = await dashboard.signIn('viewer')
    const { id } = await currentLogin(admin)

    const answer = await viewer.send('DELETE', `/api/account/sessions/${id}`)
    const after = await admin.get('/api/session')

    expect([answer.status, after.status]).toEqual([404, 200])
  })

  test('when the password is changed, all but the one that changed it', async () => {
    await using dashboard = await startDashboard()
    const mine = await dashboard.signIn('viewer')
    const other = await dashboard.signIn('viewer')
    const change = (current_password: string, new_password: string) =>
      mine.send('POST', '/api/account/password', { current_password, new_password })

    const wrong = await change('wrong', 'another password')
    const short = await change(testPassword, 'short')
    const same = await change(testPassword, testPassword)
    const changed = await change(testPassword, 'another password')
    const after = [await mine.get('/api/session'), await other.get('/api/session')].map((a) => a.status)

    expect([wrong, short, same, changed].map(({ status }) => status)).toEqual([403, 400, 400, 200])
    expect(after).toEqual([200, 401])
  })
})

describe('guessing passwords', () => {
  test('is slowed down for one name from one address, also for the right password and for names that nobody has', async () => {
    const { dashboard, pass } = await withClock({})
    await using _ = dashboard
    await dashboard.signIn('viewer')
    const guess = (username: string, password: string) =>
      dashboard.anonymous.send('POST', '/login', { username, password })

    const known = await statusesOf(6, () => guess('test-VIEWER', 'wrong'))
    const unknown = await statusesOf(6, () => guess('nobody', 'wrong'))
    const right = await guess('test-viewer', testPassword)
    pass(1_000)
    const later = await guess('test-viewer', testPassword)

    expect(known).toEqual([401, 401, 401, 401, 401, 429])
    expect(unknown).toEqual(known)
    expect(right).toMatchObject({ status: 429, body: { error: { code: 'limited' } } })
    expect(right.headers.get('retry-after')).toBe('1')
    expect(later.status).toBe(200)
  })

  test('is slowed down by address', async () => {
    const { dashboard } = await withClock({})
    await using _ = dashboard

    const statuses: number[] = []
    for (let n = 0; n < 23; n++) {
      const body = { username: `user${n}`, password: 'wrong' }
      statuses.push((await dashboard.anonymous.send('POST', '/login', body)).status)
    }

    const { rows } = await dashboard.web.database.kysely
      .selectFrom('login_failures')
      .select((eb) => eb.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()

    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429, 429, 429])
    expect(rows).toBe(41) // what is refused leaves nothing behind
  })

  test('from another address keeps nobody out of their account, unless it comes from very many', async () => {
    const { dashboard } = await withClock({ trustedProxies: ['loopback'] })
    await using _ = dashboard
    await dashboard.signIn('viewer')
    const logInFrom = (address: string, password: string) =>
      postFrom(dashboard, address, { username: 'test-viewer', password })

    const guesses = await statusesOf(6, () => logInFrom('192.0.2.1', 'wrong'))
    const owner = await logInFrom('192.0.2.2', testPassword)
    let host = 10
    const spread = await statusesOf(46, () => logInFrom(`198.51.100.${host++}`, 'wrong'))

    expect(guesses.at(-1)).toBe(429)
    expect(owner.status).toBe(200)
    expect(spread.at(-2)).toBe(401)
    expect(spread.at(-1)).toBe(429)
  })

  test('does not get faster by naming other addresses, nor by the many of one IPv6 network', async () => {
    const { dashboard } = await withClock({})
    await using _ = dashboard
    const { dashboard: proxied } = await withClock({ trustedProxies: ['loopback'] })
    await using _proxied = proxied
    const guess = (at: TestDashboard, address: string) =>
      postFrom(at, address, { username: 'nobody', password: 'wrong' })
    let host = 1

    const named = await statusesOf(6, () => guess(dashboard, `192.0.2.${host++}`))
    const network = await statusesOf(6, () => guess(proxied, `2001:db8:1:2:${host++}::1`))
    const other = await guess(proxied, '2001:db8:1:3::1')

    expect(named.at(-1)).toBe(429)
    expect(network.at(-1)).toBe(429)
    expect(other.status).toBe(401)
  })

  test('is not faster with many at the same moment', async () => {
    const { dashboard } = await withClock({})
    await using _ = dashboard
    await dashboard.signIn('viewer')

    const statuses = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const body = { username: 'test-viewer', password: 'wrong' }
        return (await dashboard.anonymous.send('POST', '/api/token', body)).status
      }),
    )

    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(25)
  })

  test('keeps nothing of what was typed as a name', async () => {
    await using dashboard = await startDashboard()

    await dashboard.anonymous.send('POST', '/login', { username: 'my-real-password', password: 'x' })
    const { kysely } = dashboard.web.database
    const rows = await kysely.selectFrom('login_failures').selectAll().execute()
    const events = await kysely.selectFrom('events').selectAll().execute()

    expect(rows).toHaveLength(3)
    expect(events.at(-1)).toMatchObject({ noun: 'login', noun_id: 'nobody', type: 'fail' })
    expect(JSON.stringify([rows, events])).not.toContain('my-real-password')
  })
})

test('SESSION_COOKIE_SECURE refuses a login that would go over plain HTTP', async () => {
  await using dashboard = await startDashboard({ config: { secureCookie: true } })
  await expect(dashboard.signIn('viewer')).rejects.toThrow(/https/)

  const behindProxy = await dashboard.anonymous.fetch('/login', {
    method: 'POST',
    body: new URLSearchParams({ username: 'test-viewer', password: testPassword }),
    headers: { 'X-Forwarded-Proto': 'https' },
  })

  expect(behindProxy.headers.getSetCookie()[0]).toMatch(/; Secure(;|$)/)
})

async function withClock(config: { sessionTimeoutMs?: number; trustedProxies?: string[] }) {
  let now = start
  const clock: Clock = { now: () => now, sleep: (ms, signal) => systemClock.sleep(ms, signal) }
  const dashboard = await startDashboard({ clock, config })
  return { dashboard, pass: (ms: number) => void (now += ms) }
}

/** As the form of the login page does it. */
function logIn(client: Client, { password = testPassword, next = '' } = {}): Promise<Response> {
  return client.fetch('/login', {
    method: 'POST',
    headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    body: new URLSearchParams({ username: 'test-viewer', password, next }),
  })
}

/** As a proxy passes it on. */
function postFrom({ anonymous }: TestDashboard, address: string, body: object): Promise<Response> {
  return anonymous.fetch('/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
    body: JSON.stringify(body),
  })
}

async function secondsLeft(client: Client): Promise<number> {
  const { body } = await client.get<{ seconds_left: number }>('/api/session')
  return body.seconds_left
}

async function currentLogin(client: Client): Promise<{ id: number }> {
  const { body } = await client.get<{ items: { id: number; current: boolean }[] }>('/api/account/sessions')
  return body.items.find(({ current }) => current)!
}

async function endOf({ web }: TestDashboard, login: string) {
  const events = await eventsAfter(web.database.kysely, 0, { limit: 100, noun: 'login', nounId: login })
  return events.find(({ type }) => type === 'end')
}

async function statusesOf(times: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const statuses: number[] = []
  for (let n = 0; n < times; n++) statuses.push((await ask()).status)
  return statuses
}
