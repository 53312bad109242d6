import { existsSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { initialPasswordPath } from '../../accounts/first-user.ts'
import { clientOf, cookieOf, startDashboard, testPassword } from '../../testing/dashboard.ts'

test('the first start makes one administrator, whose password is in a file that only the owner reads', async () => {
  await using dashboard = await startDashboard()
  const path = initialPasswordPath(dashboard.web.config.dataDir)
  const password = readFileSync(path, 'utf8').trim()

  const login = await dashboard.anonymous.send('POST', '/login', { username: 'ARCHITECT', password })

  expect(login).toMatchObject({ status: 200, body: { user: { name: 'architect', role: 'admin' } } })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/)
})

test('the file with the first password is gone as soon as the password is another one', async () => {
  await using dashboard = await startDashboard()
  const path = initialPasswordPath(dashboard.web.config.dataDir)
  const password = readFileSync(path, 'utf8').trim()
  const response = await dashboard.anonymous.fetch('/login', {
    method: 'POST',
    body: new URLSearchParams({ username: 'architect', password }),
  })
  const client = clientOf(dashboard.url, { Cookie: cookieOf(response), Origin: dashboard.url })

  const before = await client.get('/api/session')
  const changed = await client.send('POST', '/api/account/password', {
    current_password: password,
    new_password: 'another password',
  })
  const after = await client.get('/api/session')

  expect(before.body).toMatchObject({ user: { has_initial_password: true } })
  expect(changed).toMatchObject({ status: 200 })
  expect(after.body).toMatchObject({ user: { has_initial_password: false } })
  expect(existsSync(path)).toBe(false)
})

test('ARCHITECT_USER and ARCHITECT_PASSWORD say who the first user is, and nobody changes that over HTTP', async () => {
  await using dashboard = await startDashboard({
    config: { adminName: 'Ann', adminPassword: 'given password' },
  })
  const response = await dashboard.anonymous.fetch('/login', {
    method: 'POST',
    body: new URLSearchParams({ username: 'ann', password: 'given password' }),
  })
  const client = clientOf(dashboard.url, { Cookie: cookieOf(response), Origin: dashboard.url })

  const changed = await client.send('POST', '/api/account/password', {
    current_password: 'given password',
    new_password: 'another password',
  })

  expect(response.status).toBe(200)
  expect(changed).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
  expect(existsSync(initialPasswordPath(dashboard.web.config.dataDir))).toBe(false)
})

describe('administrators', () => {
  test('add a user, who logs in with the password that is shown once', async () => {
    await using dashboard = await startDashboard()
    const admin = await dashboard.signIn('admin')

    const created = await admin.send<{ password: string }>('POST', '/api/users', {
      name: 'Bea',
      role: 'viewer',
    })
    const again = await admin.send('POST', '/api/users', { name: 'bEA', role: 'viewer' })
    const login = await dashboard.anonymous.send('POST', '/login', {
      username: 'bea',
      password: created.body.password,
    })
    const listed = await admin.get('/api/users')

    expect(created.status).toBe(201)
    expect(again).toMatchObject({ status: 409 })
    expect(login).toMatchObject({ status: 200, body: { user: { name: 'Bea', role: 'viewer' } } })
    expect(JSON.stringify(listed.body)).not.toContain('argon2')
    expect(listed.body).toMatchObject({
      items: [{ name: 'architect' }, { name: 'Bea' }, { name: 'test-admin' }],
    })
  })

  test.each(['', ' x', 'a b', '../x', 'a\nb', '<b>', 'x'.repeat(65), 'é'])(
    'cannot add a user called %j',
    async (name) => {
      await using dashboard = await startDashboard()
      const admin = await dashboard.token()

      const created = await admin.send('POST', '/api/users', { name, role: 'viewer' })

      expect(created).toMatchObject({ status: 400, body: { error: { code: 'invalid' } } })
    },
  )

  test('change what a user may do from the next request on', async () => {
    await using dashboard = await startDashboard()
    const admin = await dashboard.signIn('admin')
    const operator = await dashboard.signIn('operator')
    const { body } = await operator.get<{ user: { id: number } }>('/api/session')

    const refused = await operator.get('/api/users')
    await admin.send('PATCH', `/api/users/${body.user.id}`, { role: 'admin' })
    const allowed = await operator.get('/api/users')

    expect([refused.status, allowed.status]).toEqual([403, 200])
  })

  test('end the logins and tokens of a user whom they remove', async () => {
    await using dashboard = await startDashboard()
    const admin = await dashboard.signIn('admin')
    const viewer = await dashboard.signIn('viewer')
    const program = await dashboard.token(['read'], 'viewer')
    const { body } = await viewer.get<{ user: { id: number } }>('/api/session')

    const removed = await admin.send('DELETE', `/api/users/${body.user.id}`)
    const [browser, token] = await Promise.all([viewer.get('/api/session'), program.get('/api/session')])

    expect([removed.status, browser.status, token.status]).toEqual([200, 401, 401])
  })

  test('give a user another password, which ends the logins of the old one', async () => {
    await using dashboard = await startDashboard()
    const admin = await dashboard.signIn('admin')
    const viewer = await dashboard.signIn('viewer')
    const { body } = await viewer.get<{ user: { id: number } }>('/api/session')

    await admin.send('PATCH', `/api/users/${body.user.id}`, { password: 'quite another one' })
    const ended = await viewer.get('/api/session')
    const old = await dashboard.anonymous.send('POST', '/login', {
      username: 'test-viewer',
      password: testPassword,
    })

    expect([ended.status, old.status]).toEqual([401, 401])
  })

  test('are never none: the last one can neither go nor become less, two at once neither', async () => {
    await using dashboard = await startDashboard()
    const one = await dashboard.token(undefined, 'admin')
    const { body } = await one.get<{ items: { id: number }[] }>('/api/users')
    const ids = body.items.map(({ id }) => id)

    const answers = await Promise.all(ids.map((id) => one.send('DELETE', `/api/users/${id}`)))
    const admins = await dashboard.web.database.kysely
      .selectFrom('users')
      .select('name')
      .where('role', '=', 'admin')
      .execute()

    expect(ids).toHaveLength(2)
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(admins).toHaveLength(1)
  })
})
