import { expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { clientOf, startDashboard, testPassword } from '../testing/dashboard.ts'
import { createPostgresDatabase } from '../testing/postgres.ts'

test('logins, tokens and refusals are the same on PostgreSQL', async () => {
  // Whoever guessed too often waits a second, which must not pass on a busy machine.
  const began = Date.now()
  const clock = { ...systemClock, now: () => began }
  await using dashboard = await startDashboard({
    config: { databaseUrl: await createPostgresDatabase() },
    clock,
  })
  const browser = await dashboard.signIn('operator')
  const made = await browser.send<{ token: string }>('POST', '/api/tokens', { name: 'ci', scopes: ['read'] })
  const program = clientOf(dashboard.url, { Authorization: `Bearer ${made.body.token}` })

  const known = [await browser.get('/api/session'), await program.get('/api/session')]
  const nul = [
    await dashboard.anonymous.send('POST', '/login', { username: 'a\0', password: testPassword }),
    await browser.send('POST', '/api/tokens', { name: 'a\0', scopes: ['read'] }),
    await browser.get('/search?q=%00'),
  ]
  const guesses: number[] = []
  for (let n = 0; n < 6; n++) {
    const body = { username: 'test-operator', password: 'wrong' }
    guesses.push((await dashboard.anonymous.send('POST', '/api/token', body)).status)
  }
  const out = await browser.send('POST', '/logout')
  const after = await browser.get('/api/session')

  expect(known.map(({ status }) => status)).toEqual([200, 200])
  expect(nul.map(({ status }) => status)).toEqual([401, 400, 400])
  expect(guesses).toEqual([401, 401, 401, 401, 401, 429])
  expect([out.status, after.status]).toEqual([200, 401])
})
