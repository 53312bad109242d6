import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read', 'secrets'], 'operator')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface Account {
  id: number
  version: number
  secret_name: string | null
  [field: string]: unknown
}

const create = (body: object) => person.send<Account>('POST', '/api/accounts', body)
const list = async (query = '') =>
  (await person.get<{ items: Account[]; next_cursor: number | null }>(`/api/accounts${query}`)).body

test('a login is written down once for each node, with its secret, changed by version, and forgotten', async () => {
  const secret = await person.send<{ id: number }>('POST', '/api/secrets', {
    name: 'GH',
    value: 'ghp-planted-value',
  })
  const login = { service: 'github', login_name: 'bot', node: 'pi-1', secret_id: secret.body.id }

  const made = await create(login)
  const twice = await create(login)
  const elsewhere = await create({ ...login, node: 'pi-2', secret_id: null })
  const changed = await person.send<Account>('PUT', `/api/accounts/${made.body.id}`, {
    status: 'suspended',
    version: 1,
  })
  const late = await person.send('PUT', `/api/accounts/${made.body.id}`, { status: 'active', version: 1 })
  const taken = await person.send('PUT', `/api/accounts/${made.body.id}`, { node: 'pi-2' })
  const removed = await person.send('DELETE', `/api/accounts/${elsewhere.body.id}`)

  expect(made.body).toMatchObject({ ...login, status: 'active', secret_name: 'GH', version: 1 })
  expect([made.status, twice.status, elsewhere.status]).toEqual([201, 409, 201])
  expect(changed.body).toMatchObject({ status: 'suspended', version: 2, secret_name: 'GH' })
  expect([late.status, taken.status, removed.status]).toEqual([409, 409, 200])
  expect((await list('?service=github')).items.map(({ id }) => id)).toEqual([made.body.id])
  expect(JSON.stringify(await list())).not.toContain('ghp-planted-value')
})

test('a secret that is not there is refused, and one that is deleted later leaves the account', async () => {
  const admin = await dashboard.signIn('admin')
  const secret = await person.send<{ id: number }>('POST', '/api/secrets', {
    name: 'NPM',
    value: 'npm-planted-value',
  })
  const made = await create({ service: 'npm', login_name: 'bot', secret_id: secret.body.id })

  const refused = await create({ service: 'npm', login_name: 'other', secret_id: 9_999 })
  await admin.send('DELETE', `/api/secrets/${secret.body.id}`)
  const shown = await person.get<Account>(`/api/accounts/${made.body.id}`)
  const kept = await person.send('PUT', `/api/accounts/${made.body.id}`, { description: 'for releases' })
  const loosened = await person.send<Account>('PUT', `/api/accounts/${made.body.id}`, { secret_id: null })

  expect(refused.status).toBe(404)
  expect(shown.body).toMatchObject({ secret_id: secret.body.id, secret_name: null })
  expect([kept.status, loosened.body.secret_id]).toEqual([200, null])
})

test('they are counted by service and node, with those that nothing in the vault opens', async () => {
  for (const node of ['a', 'b']) await create({ service: 'anthropic', login_name: 'team', node })
  await create({ service: 'anthropic', login_name: 'own', node: 'b', status: 'limited' })

  const { body } = await person.get<{ count: number; by_service: Account[]; by_node: Account[] }>(
    '/api/accounts/aggregate',
  )

  expect(body.by_service.find(({ service }) => service === 'anthropic')).toEqual({
    service: 'anthropic',
    count: 3,
    without_secret: 3,
    by_status: { active: 2, limited: 1 },
  })
  expect(body.by_node.find(({ node }) => node === 'b')).toMatchObject({ count: 2 })
  expect(body.count).toBe((await list()).items.length)
})

test('pages follow one another, and words are found in any case', async () => {
  for (let n = 0; n < 5; n += 1) await create({ service: 'mail', login_name: `Post ${n}` })

  const first = await list('?service=mail&limit=3')
  const second = await list(`?service=mail&limit=3&cursor=${first.next_cursor}`)

  expect([first.items.length, second.items.length, second.next_cursor]).toEqual([3, 2, null])
  expect((await list('?q=post+3')).items).toHaveLength(1)
  expect((await list('?q=%25')).items).toHaveLength(0)
})

test.each([
  { service: '', login_name: 'x' },
  { service: 'x', login_name: 'two\nlines' },
  { service: 'x', login_name: 'y', status: 'asleep' },
  { service: 'x', login_name: 'y', value: 'hunter2' },
  { service: 'x'.repeat(201), login_name: 'y' },
])('%j is refused', async (body) => {
  expect((await create(body)).status).toBe(400)
})

test('a viewer, and a token without the scope for secrets, change nothing', async () => {
  const viewer = await dashboard.signIn('viewer')
  const weak = await dashboard.token(['read', 'prompts'], 'operator')
  const before = await list()

  for (const client of [viewer, weak]) {
    const answer = await client.send('POST', '/api/accounts', { service: 'x', login_name: 'y' })
    expect(answer.status).toBe(403)
  }

  expect(await list()).toEqual(before)
})
