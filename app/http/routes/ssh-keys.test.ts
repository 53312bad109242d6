import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'

let dashboard: TestDashboard
let admin: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  admin = await dashboard.signIn('admin')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface Key {
  public_key: string
  fingerprint: string
  secret_id: number
  secret_version: number
  replaced_at: number | null
}

const keys = async () => (await admin.get<{ items: Key[] }>('/api/ssh-keys')).body.items
const valueOf = async (id: number, version: number) =>
  (await admin.get<{ value: string }>(`/api/secrets/${id}?version=${version}`)).body.value

test('a key is made once and rotated, and its private half is in the vault alone', async () => {
  const early = await admin.send('POST', '/api/ssh-keys/rotate')
  const made = await admin.send<Key>('POST', '/api/ssh-keys')
  const again = await admin.send('POST', '/api/ssh-keys')
  const rotated = await admin.send<Key>('POST', '/api/ssh-keys/rotate')

  const listed = await keys()
  const values = await Promise.all(listed.map((key) => valueOf(key.secret_id, key.secret_version)))
  expect([early.status, made.status, again.status, rotated.status]).toEqual([404, 201, 409, 200])
  expect(listed.map(({ fingerprint }) => fingerprint)).toEqual([
    rotated.body.fingerprint,
    made.body.fingerprint,
  ])
  expect(listed.map(({ replaced_at: at }) => at === null)).toEqual([true, false])
  expect(values.map(publicHalfOf)).toEqual(listed.map(({ public_key: line }) => line))
  for (const value of values) expect(storedText()).not.toContain(value.split('\n')[2])
  expect(JSON.stringify([made.body, rotated.body, listed])).not.toContain('PRIVATE KEY')
})

test('of two who rotate at once, one key is in use', async () => {
  await Promise.all([1, 2, 3].map(() => admin.send('POST', '/api/ssh-keys/rotate')))

  const inUse = (await keys()).filter(({ replaced_at: at }) => at === null)

  expect(inUse).toHaveLength(1)
  expect(publicHalfOf(await valueOf(inUse[0]!.secret_id, inUse[0]!.secret_version))).toBe(
    inUse[0]!.public_key,
  )
})

test('with a sealed vault there is no other key, and the reason is said', async () => {
  const before = await keys()
  await admin.send('POST', '/api/vault/seal')

  const refused = await admin.send('POST', '/api/ssh-keys/rotate')
  await admin.send('POST', '/api/vault/unlock', {})

  expect(refused.status).toBe(503)
  expect(await keys()).toEqual(before)
})

test('an operator sees the public halves and makes none', async () => {
  const operator = await dashboard.signIn('operator')

  const seen = await operator.get<{ items: Key[] }>('/api/ssh-keys')
  const refused = await operator.send('POST', '/api/ssh-keys/rotate')

  expect(seen.body.items.length).toBeGreaterThan(0)
  expect(refused.status).toBe(403)
})

function publicHalfOf(privateKey: string): string {
  const path = join(dashboard.server.folder, `key-${Math.random()}`)
  writeFileSync(path, privateKey, { mode: 0o600 })
  return execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim()
}

/** Database, its log, and whatever else is in the data folder. */
function storedText(): string {
  const { dataDir } = dashboard.web.config
  const files = readdirSync(dataDir).map((name) => join(dataDir, name))
  return files.flatMap((path) => (statSync(path).isFile() ? [readFileSync(path, 'latin1')] : [])).join('\n')
}
