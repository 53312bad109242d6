import { expect, test } from 'vitest'
import { startDashboard } from '../../testing/dashboard.ts'

test('the right password starts a session that a cookie carries, and logout ends it', async () => {
  await using dashboard = await startDashboard()
  const client = await dashboard.signIn('viewer')

  const known = await client.get('/api/session')
  const out = await client.send('POST', '/logout')
  const replayed = await client.get('/api/session')

  expect(client.cookie).toMatch(/^architect\.sid=s%3A/)
  expect([known.status, out.status, replayed.status]).toEqual([200, 200, 401])
})
