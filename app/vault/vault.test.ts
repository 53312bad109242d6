import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsAfter } from '../db/events.ts'
import { listDeeds } from '../db/secret/audit.ts'
import { listSecrets, versionsOf } from '../db/secret/read.ts'
import { remindOfExpiry } from '../db/secret/write.ts'
import { databases } from '../testing/databases.ts'
import { openTestVault } from '../testing/vault.ts'
import { beginWithPassphrase } from './begin.ts'
import { sealVault, unlockVault } from './seal.ts'
import { changeSecret, createSecret, removeSecret, revealSecret, rollBackSecret } from './secrets.ts'
import { verifyVault } from './verify.ts'

const planted = 'ghp_planted-value-0123456789'

describe.each(databases)('on $name', ({ open }) => {
  test('a secret is given to whoever reveals it, and counts who did and when', async () => {
    const now = { at: 5_000 }
    await using world = await openTestVault(open, now)
    const { id } = await createSecret(world.user, { name: 'GITHUB_TOKEN', value: planted, category: 'token' })

    now.at = 6_000
    const { value, secret } = await revealSecret(world.another(), id)

    expect(value).toBe(planted)
    expect(secret).toMatchObject({ accessCount: 1, lastAccessedAt: 6_000, lastAccessedBy: 'ann', version: 1 })
  })

  test('lists and the log hold no value, and the database holds none in plain', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: planted })
    await changeSecret(world.user, id, { value: `${planted}-2` })
    await revealSecret(world.user, id)
    const db = world.user.database.kysely

    const all = {
      list: await listSecrets(db),
      log: await eventsAfter(db, 0, { limit: 100 }),
      versions: await db.selectFrom('secret_versions').selectAll().execute(),
      audit: await db.selectFrom('vault_audit').selectAll().execute(),
    }

    expect(JSON.stringify(all)).not.toContain('planted')
    expect(all.list[0]).not.toHaveProperty('value')
    expect(all.log.map(({ type }) => type)).toEqual(['init', 'create', 'change', 'reveal'])
  })

  test('a name is there once, also after another secret was renamed', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'one' })
    await createSecret(world.user, { name: 'B', value: 'two' })

    const refused = await Promise.allSettled([
      createSecret(world.user, { name: 'A', value: 'three' }),
      changeSecret(world.user, id, { name: 'B' }),
    ])

    const conflict = { status: 'rejected', reason: expect.objectContaining({ code: 'conflict' }) }
    expect(refused).toEqual([conflict, conflict])
  })

  test('a renamed secret keeps all its values', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'one' })
    await changeSecret(world.user, id, { value: 'two' })

    await changeSecret(world.user, id, { name: 'B' })

    expect((await revealSecret(world.user, id)).value).toBe('two')
    expect((await revealSecret(world.user, id, { version: 1 })).value).toBe('one')
  })

  test('an earlier value counts again as a new version, and the oldest go', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'v1' })
    for (let number = 2; number <= 21; number += 1) {
      await changeSecret(world.user, id, { value: `v${number}` })
    }

    const secret = await rollBackSecret(world.user, id, 7)

    expect(secret).toMatchObject({ version: 22, versions: 20 })
    expect((await versionsOf(world.user.database.kysely, id))[0]).toMatchObject({ note: 'as version 7 was' })
    expect((await revealSecret(world.user, id)).value).toBe('v7')
    await expect(revealSecret(world.user, id, { version: 2 })).rejects.toMatchObject({ code: 'not_found' })
    await expect(rollBackSecret(world.user, id, 22)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('what was done with a deleted secret stays known', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'one' })

    await removeSecret(world.user, id)

    const deeds = await listDeeds(world.user.database.kysely, { secretId: id, limit: 10 })
    expect(deeds.map(({ action, name }) => [action, name])).toEqual([
      ['delete', 'A'],
      ['create', 'A'],
    ])
    expect(await verifyVault(world.user)).toMatchObject({ faults: [] })
  })

  test('of many who reveal at once, each gets a row of its own in an unbroken chain', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: planted })

    await Promise.all(Array.from({ length: 30 }, () => revealSecret(world.another(), id)))

    expect(await verifyVault(world.user)).toEqual({ deeds: 32, values: 1, faults: [] })
    expect((await listSecrets(world.user.database.kysely))[0]).toMatchObject({ accessCount: 30 })
  })

  test('without a row in the audit there is no secret', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: planted })
    await world.tamper((db) => db.schema.alterTable('vault_audit').renameTo('gone').execute())

    await expect(revealSecret(world.user, id)).rejects.toThrow(/vault_audit/)
    await expect(createSecret(world.user, { name: 'B', value: 'two' })).rejects.toThrow(/vault_audit/)

    await world.tamper((db) => db.schema.alterTable('gone').renameTo('vault_audit').execute())
    expect(await listSecrets(world.user.database.kysely)).toMatchObject([{ name: 'A', accessCount: 0 }])
  })

  test('a reminder comes once, and again when the expiry was moved', async () => {
    const dayMs = 86_400_000
    await using world = await openTestVault(open, { at: 0 })
    const { database } = world.user
    const secret = { name: 'A', value: 'one', expiresAt: 20 * dayMs, remindDays: 10 }
    const { id } = await createSecret(world.user, secret)
    await createSecret(world.user, { name: 'B', value: 'one' })
    const remind = (now: number) => database.write((db) => remindOfExpiry(db, now))

    const counts = [await remind(9 * dayMs), await remind(10 * dayMs), await remind(11 * dayMs)]
    await changeSecret(world.user, id, { expiresAt: 21 * dayMs })
    counts.push(await remind(11 * dayMs))

    expect(counts).toEqual([0, 1, 0, 1])
  })
})

const sqlite = databases.find(({ name }) => name === 'sqlite')!

describe('the master key', () => {
  test('is in a file that its owner alone can read, and not in the database', async () => {
    await using world = await openTestVault(sqlite.open)
    await createSecret(world.user, { name: 'A', value: planted })

    const path = join(world.dataDir, 'vault-key')
    const key = readFileSync(path, 'utf8').trim()

    expect(statSync(path).mode & 0o777).toBe(0o400)
    const database = Buffer.concat(
      ['architect.db', 'architect.db-wal'].map((file) => readFileSync(join(world.dataDir, file))),
    )
    expect(database.includes(key)).toBe(false)
    expect(database.includes(Buffer.from(key, 'base64'))).toBe(false)
  })

  test.each([
    ['is missing', (path: string) => rmSync(path), /no key file in .* fits/],
    [
      'is another one',
      (path: string) => rewrite(path, `${Buffer.alloc(32, 7).toString('base64')}\n`),
      /no key file in .* fits/,
    ],
    ['is no key', (path: string) => rewrite(path, 'hello\n'), /holds no key: 32 bytes.*Put the one back/],
    ['is empty', (path: string) => rewrite(path, ''), /holds no key: 32 bytes.*Put the one back/],
    [
      'is a link',
      (path: string) => (renameSync(path, `${path}.there`), symlinkSync(`${path}.there`, path)),
      /not a plain file.*chown/,
    ],
    ['is a folder', (path: string) => (rmSync(path), mkdirSync(path)), /not a plain file/],
    ['can be read by others', (path: string) => chmodSync(path, 0o444), /can be read by others.*chmod 0400/],
  ])('that %s leaves the vault sealed, and says so', async (_what, spoil, says) => {
    await using world = await openTestVault(sqlite.open)
    const { id } = await createSecret(world.user, { name: 'A', value: planted })

    spoil(join(world.dataDir, 'vault-key'))
    const late = world.another()

    await expect(revealSecret(late, id)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(says),
    })
    expect(await late.vault.status(late.database.kysely)).toMatchObject({ state: 'sealed' })
  })

  test('of a passphrase opens for every process of the machine, once it was said', async () => {
    await using world = await openTestVault(sqlite.open)
    await beginWithPassphrase(world.user, 'correct horse battery')
    const { id } = await createSecret(world.user, { name: 'A', value: planted })

    const before = await revealSecret(world.another(), id)
    await sealVault(world.user)
    await expect(revealSecret(world.another(), id)).rejects.toThrow(/sealed by ann/)
    await expect(unlockVault(world.another(), 'correct horse batterz')).rejects.toThrow(/not the passphrase/)
    await expect(unlockVault(world.another(), null)).rejects.toMatchObject({ code: 'invalid' })
    await unlockVault(world.another(), 'correct horse battery')
    const after = await revealSecret(world.user, id)

    expect([before.value, after.value]).toEqual([planted, planted])
    expect(await verifyVault(world.user)).toMatchObject({ faults: [] })
  })

  test('stays away while the vault is sealed, whatever is asked of it', async () => {
    await using world = await openTestVault(sqlite.open)
    const { id } = await createSecret(world.user, { name: 'A', value: planted })
    await sealVault(world.another())

    const asked = await Promise.allSettled([
      revealSecret(world.user, id),
      createSecret(world.user, { name: 'B', value: 'two' }),
      changeSecret(world.user, id, { value: 'two' }),
      removeSecret(world.user, id),
      verifyVault(world.user),
    ])

    const sealed = { status: 'rejected', reason: expect.objectContaining({ code: 'unavailable' }) }
    expect(asked).toEqual(asked.map(() => sealed))
    await unlockVault(world.user, null)
    expect((await revealSecret(world.user, id)).value).toBe(planted)
  })
})

function rewrite(path: string, text: string) {
  chmodSync(path, 0o600)
  writeFileSync(path, text)
}
