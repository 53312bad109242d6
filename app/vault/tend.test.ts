import { expect, test } from 'vitest'
import { noticeOf } from '../broker/notifications/notices.ts'
import { eventsAfter } from '../db/events.ts'
import { databases } from '../testing/databases.ts'
import { openTestVault } from '../testing/vault.ts'
import { sealVault } from './seal.ts'
import { createSecret } from './secrets.ts'
import { tendOnce } from './tend.ts'

test('people are told of a secret that ends soon, once, also while the vault is sealed', async () => {
  await using world = await openTestVault(databases[0]!.open)
  const { user } = world
  await createSecret(user, { name: 'TOKEN', value: 'one', expiresAt: user.clock.now() + 1_000 })
  await sealVault(user)

  await tendOnce(user)
  await tendOnce(user)

  const notices = (await eventsAfter(user.database.kysely, 0, { limit: 99 })).flatMap(
    (event) => noticeOf(event) ?? [],
  )
  expect(notices).toMatchObject([
    { title: expect.stringMatching(/^▲ The secret TOKEN expires on /), path: '/vault/1' },
  ])
})
