import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { countCommits } from '../../../testing/commits.ts'
import { startDashboard, testPassword, type Client, type TestDashboard } from '../../../testing/dashboard.ts'

interface Shown {
  id: number
  value: string
  access_count: number
  error: { code: string; message: string }
}

let dashboard: TestDashboard
let admin: Client
let aheadMs = 0
const minuteMs = 60_000

beforeAll(async () => {
  const clock = { ...systemClock, now: () => Date.now() + aheadMs }
  dashboard = await startDashboard({ clock })
})
afterAll(() => dashboard[Symbol.asyncDispose]())
beforeEach(async () => {
  admin = await dashboard.signIn('admin')
})

let count = 0
async function store(value = 'ghp_xxxxxxxxxxxx'): Promise<{ id: number; name: string }> {
  const name = `TOKEN_${(count += 1)}`
  const { body } = await admin.send<Shown>('POST', '/api/secrets', { name, value, category: 'token' })
  return { id: body.id, name }
}

describe('the API of secrets', () => {
  test('stores, shows, changes and deletes as the documents say', async () => {
    const body = {
      name: 'GITHUB_TOKEN',
      value: 'ghp_xxxxxxxxxxxx',
      category: 'token',
      description: 'GitHub personal access token',
    }

    const created = await admin.send<Shown>('POST', '/api/secrets', body)
    const path = `/api/secrets/${created.body.id}`
    const twice = await admin.send<Shown>('POST', '/api/secrets', body)
    const shown = await admin.get<Shown>(path)
    const changed = await admin.send('PUT', path, { description: 'of the build', value: 'ghp_yyyy' })
    const again = await admin.get<Shown>(path)
    const deleted = await admin.send('DELETE', path)

    expect(created).toMatchObject({
      status: 201,
      body: { name: 'GITHUB_TOKEN', version: 1, access_count: 0 },
    })
    expect(twice).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
    expect(shown).toMatchObject({ status: 200, body: { value: 'ghp_xxxxxxxxxxxx', access_count: 1 } })
    expect(changed).toMatchObject({ status: 200, body: { description: 'of the build', version: 2 } })
    expect(again.body).toMatchObject({ value: 'ghp_yyyy', access_count: 2, last_accessed_by: 'test-admin' })
    expect([deleted.status, (await admin.get(path)).status]).toEqual([200, 404])
  })

  test.each([
    [{ name: 'A' }],
    [{ value: 'x' }],
    [{ name: '', value: 'x' }],
    [{ name: ' A', value: 'x' }],
    [{ name: 'A=B', value: 'x' }],
    [{ name: 'A\nB', value: 'x' }],
    [{ name: 'A', value: '' }],
    [{ name: 'A', value: 'x\0y' }],
    [{ name: 'A', value: 'planted-'.repeat(10_000) }],
    [{ name: 'A', value: 'planted-value', category: 'other' }],
    [{ name: 'A', value: { planted: 'planted-value' } }],
  ])('refuses %#, without repeating the value', async (body) => {
    const { status, body: answer } = await admin.send('POST', '/api/secrets', body)

    expect(status).toBe(400)
    expect(JSON.stringify(answer)).not.toContain('planted-')
  })

  test('an earlier value is shown by its number, and counts again after a rollback', async () => {
    const { id } = await store('first')
    await admin.send('PUT', `/api/secrets/${id}`, { value: 'second' })

    const earlier = await admin.get<Shown>(`/api/secrets/${id}?version=1`)
    const back = await admin.send('POST', `/api/secrets/${id}/rollback`, { version: 1 })
    const now = await admin.get<Shown>(`/api/secrets/${id}`)
    const history = await admin.get(`/api/secrets/${id}/history`)

    expect(earlier.body).toMatchObject({ value: 'first', value_version: 1 })
    expect([back.status, now.body.value]).toEqual([200, 'first'])
    expect(history.body).toMatchObject({
      versions: [{ number: 3, note: 'as version 1 was' }, { number: 2 }, { number: 1 }],
      audit: [{ action: 'reveal' }, { action: 'rollback' }, { action: 'reveal' }, { action: 'change' }, {}],
    })
    expect(JSON.stringify(history.body)).not.toContain('second')
  })

  test('lists go on by name, by category and by letters', async () => {
    const { name } = await store('listed-value')

    const first = await admin.get<{ items: { name: string }[]; next_cursor: string }>('/api/secrets?limit=1')
    const rest = await admin.get<{ items: { name: string }[] }>(
      `/api/secrets?cursor=${first.body.next_cursor}`,
    )
    const found = await admin.get(`/api/secrets?category=token&q=${name.toLowerCase()}`)

    const names = [...first.body.items, ...rest.body.items].map((item) => item.name)
    expect(names).toEqual(names.toSorted())
    expect(names).toContain(name)
    expect(found.body).toMatchObject({ items: [{ name }], next_cursor: null })
    expect(JSON.stringify([first, rest, found])).not.toContain('listed-value')
  })

  test('a reveal costs no more than two commits, and its row is in one of them', async () => {
    const { id } = await store()
    const { dataDir } = dashboard.web.config
    const before = countCommits(dataDir)

    const { status } = await admin.get(`/api/secrets/${id}`)

    expect(status).toBe(200)
    const commits = countCommits(dataDir) - before
    expect(commits).toBeGreaterThanOrEqual(1)
    expect(commits).toBeLessThanOrEqual(2)
  })
})

describe('who gets what', () => {
  test('a viewer sees names and history, and no value', async () => {
    const { id } = await store()
    const viewer = await dashboard.signIn('viewer')

    const seen = await Promise.all(
      ['/api/secrets', `/api/secrets/${id}/history`, '/api/vault/audit', '/api/vault'].map((path) =>
        viewer.get(path),
      ),
    )
    const refused = await Promise.all([
      viewer.get(`/api/secrets/${id}`),
      viewer.send('POST', `/api/secrets/${id}/reveal`, {}),
      viewer.send('PUT', `/api/secrets/${id}`, { value: 'x' }),
    ])

    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403])
  })

  test('an operator reads and changes; deleting, sealing and rotating takes an administrator', async () => {
    const { id } = await store()
    const operator = await dashboard.signIn('operator')

    const may = [
      await operator.get(`/api/secrets/${id}`),
      await operator.send('PUT', `/api/secrets/${id}`, { value: 'x' }),
    ]
    const mayNot = [
      await operator.send('DELETE', `/api/secrets/${id}`),
      await operator.send('POST', '/api/vault/seal', {}),
      await operator.send('POST', '/api/vault/rotate', {}),
      await operator.get('/api/vault/verify'),
    ]

    expect(may.map(({ status }) => status)).toEqual([200, 200])
    expect(mayNot.map(({ status }) => status)).toEqual([403, 403, 403, 403])
  })

  test('a token needs the scope for it', async () => {
    const { id } = await store()
    const without = await dashboard.token(['read', 'prompts', 'sessions', 'admin'])
    const having = await dashboard.token(['secrets'])

    expect((await without.get(`/api/secrets/${id}`)).status).toBe(403)
    expect((await having.get<Shown>(`/api/secrets/${id}`)).body.value).toBe('ghp_xxxxxxxxxxxx')
  })

  test('a login of eleven minutes ago shows nothing until the password was said again', async () => {
    const { id } = await store()
    aheadMs += 11 * minuteMs

    const stale = await admin.get<Shown>(`/api/secrets/${id}`)
    const wrong = await admin.send<Shown>('POST', `/api/secrets/${id}/reveal`, { password: 'not that one' })
    const right = await admin.send<Shown>('POST', `/api/secrets/${id}/reveal`, { password: testPassword })
    const fresh = await admin.get<Shown>(`/api/secrets/${id}`)
    aheadMs += 11 * minuteMs
    const staleAgain = await admin.get<Shown>(`/api/secrets/${id}`)
    const confirmed = await admin.send('POST', '/api/account/confirm', { password: testPassword })

    expect(stale).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringMatching(/older than 10 minutes/) } },
    })
    expect(wrong).toMatchObject({
      status: 403,
      body: { error: { message: 'The current password is wrong.' } },
    })
    expect(right.body).toMatchObject({ value: 'ghp_xxxxxxxxxxxx', access_count: 1 })
    expect([fresh.status, staleAgain.status, confirmed.status]).toEqual([200, 403, 200])
    expect((await admin.get(`/api/secrets/${id}`)).status).toBe(200)
  })
})

describe('a sealed vault', () => {
  test('answers 503 with the reason, and opens again', async () => {
    const { id, name } = await store()

    const sealed = await admin.send('POST', '/api/vault/seal', {})
    const refused = [
      await admin.get<Shown>(`/api/secrets/${id}`),
      await admin.send<Shown>('POST', '/api/secrets', { name: 'NEW', value: 'x' }),
      await admin.send<Shown>('POST', '/api/vault/rotate', {}),
    ]
    const session = { session_name: 'with-secrets', command: ['cat'], secrets: [`A=${name}`] }
    refused.push(await admin.send<Shown>('POST', '/api/tmux/create', session))
    const sessions = await admin.get('/api/tmux/sessions')
    const listed = await admin.get('/api/secrets')
    const status = await admin.get('/api/vault')
    const opened = await admin.send('POST', '/api/vault/unlock', {})
    const shown = await admin.get<Shown>(`/api/secrets/${id}`)

    const reason = expect.stringMatching(/^The vault was sealed by test-admin/)
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 503, body: { error: { code: 'unavailable', message: reason } } })
    }
    expect(JSON.stringify(sessions.body)).not.toContain('with-secrets')
    expect(status.body).toMatchObject({ state: 'sealed', reason, key: 'file' })
    expect([sealed.status, listed.status, opened.status, shown.status]).toEqual([200, 200, 200, 200])
  })

  test('goes over to another key in one call, and verifies', async () => {
    const { id } = await store()

    const rotated = await admin.send('POST', '/api/vault/rotate', {})
    const shown = await admin.get<Shown>(`/api/secrets/${id}`)
    const verified = await admin.get('/api/vault/verify')

    expect([rotated.status, shown.body.value]).toEqual([200, 'ghp_xxxxxxxxxxxx'])
    expect(verified.body).toMatchObject({ faults: [] })
  })
})
