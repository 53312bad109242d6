import { describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../testing/databases.ts'
import { openTestVault, type TestVault } from '../testing/vault.ts'
import { changeSecret, createSecret, revealSecret } from './secrets.ts'
import { verifyVault } from './verify.ts'

describe.each(databases)('a stored value, on $name', ({ open }) => {
  test.each(['wrapped_key', 'sealed'] as const)(
    'opens no more when any byte of its %s was flipped',
    async (column) => {
      await using world = await openTestVault(open)
      const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })
      const row = await world.user.database.kysely
        .selectFrom('secret_versions')
        .selectAll()
        .executeTakeFirstOrThrow()
      const bytes = Buffer.from(row[column], 'base64')

      const opened: number[] = []
      for (let place = 0; place < bytes.length; place += 1) {
        const flipped = Buffer.from(bytes)
        flipped[place]! ^= 0x01
        await put(world, row.id, { [column]: flipped.toString('base64') })
        const [result] = await Promise.allSettled([revealSecret(world.user, id)])
        if (result.status === 'fulfilled') opened.push(place)
      }
      await put(world, row.id, { [column]: row[column] })

      expect(opened).toEqual([])
      expect((await revealSecret(world.user, id)).secret.accessCount).toBe(1)
    },
  )

  test.each([
    ['cut short', (sealed: string) => sealed.slice(0, 12)],
    ['empty', () => ''],
    ['longer', (sealed: string) => `${sealed}AAAA`],
    [
      'in other letters for the same bytes',
      (sealed: string) => sealed.replaceAll('+', '-').replaceAll('/', '_').replace(/=*$/, '\n'),
    ],
  ])('opens no more when it is %s', async (_how, change) => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })
    const { sealed } = await world.user.database.kysely
      .selectFrom('secret_versions')
      .select('sealed')
      .executeTakeFirstOrThrow()

    await put(world, 1, { sealed: change(sealed) })

    await expect(revealSecret(world.user, id)).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('opens neither in the row of another secret nor as another version', async () => {
    await using world = await openTestVault(open)
    const one = await createSecret(world.user, { name: 'A', value: 'planted-value' })
    const two = await createSecret(world.user, { name: 'B', value: 'other-value' })
    await changeSecret(world.user, one.id, { value: 'planted-value-2' })
    const rows = await world.user.database.kysely.selectFrom('secret_versions').selectAll().execute()
    const swap = async (a: number, b: number) => {
      for (const [to, from] of [
        [a, b],
        [b, a],
      ] as const) {
        const { sealed, wrapped_key } = rows[from]!
        await put(world, rows[to]!.id, { sealed, wrapped_key })
      }
    }

    await swap(0, 1)
    const acrossSecrets = await Promise.allSettled([
      revealSecret(world.user, one.id, { version: 1 }),
      revealSecret(world.user, two.id),
    ])
    const { faults } = await verifyVault(world.user)
    for (const { id, sealed, wrapped_key } of rows) await put(world, id, { sealed, wrapped_key })
    await swap(0, 2)
    const acrossVersions = await Promise.allSettled([
      revealSecret(world.user, one.id, { version: 1 }),
      revealSecret(world.user, one.id, { version: 2 }),
    ])

    expect([...acrossSecrets, ...acrossVersions].map(({ status }) => status)).toEqual(
      Array(4).fill('rejected'),
    )
    expect(faults).toEqual([
      'Version 1 of the secret "A" (row 1) is not as it was stored.',
      'Version 1 of the secret "B" (row 2) is not as it was stored.',
    ])
  })

  test('opens under no other name', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'STAGING', value: 'planted-value' })

    await world.tamper((db) => db.updateTable('secrets').set({ name: 'PRODUCTION' }).execute())

    await expect(revealSecret(world.user, id)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe.each(databases)('verify, on $name, names', ({ open }) => {
  test('a removed row', async () => {
    await using world = await withFiveDeeds(open)

    await world.tamper((db) => db.deleteFrom('vault_audit').where('seq', '=', 3).execute())

    expect((await verifyVault(world.user)).faults).toEqual(['Row 3 of the audit was removed.'])
  })

  test('the last rows, when they were removed', async () => {
    await using world = await withFiveDeeds(open)

    await world.tamper((db) => db.deleteFrom('vault_audit').where('seq', '>=', 4).execute())

    expect((await verifyVault(world.user)).faults).toEqual([
      'Rows 4 to 5 of the audit were removed. The audit ended there.',
    ])
  })

  test('the end of the audit, also when its number was set back', async () => {
    await using world = await withFiveDeeds(open)

    await world.tamper(async (db) => {
      const { mac } = await db
        .selectFrom('vault_audit')
        .select('mac')
        .where('seq', '=', 4)
        .executeTakeFirstOrThrow()
      await db.deleteFrom('vault_audit').where('seq', '=', 5).execute()
      await db.updateTable('vault').set({ head_seq: 4, head_mac: mac }).execute()
    })

    expect((await verifyVault(world.user)).faults).toEqual([expect.stringMatching(/^Row 4 .* rows after it/)])
  })

  test.each([
    { actor_name: 'mallory' },
    { at: 1 },
    { action: 'change' as const },
    { address: null },
    { detail: 'nothing to see' },
    { name: 'B' },
  ])('a row that now says %j', async (change) => {
    await using world = await withFiveDeeds(open)

    await world.tamper((db) => db.updateTable('vault_audit').set(change).where('seq', '=', 3).execute())

    const { faults } = await verifyVault(world.user)
    expect(faults).toEqual([expect.stringMatching(/^Row 3 of the audit was changed/)])
  })

  test('a row that was put in by somebody without the key', async () => {
    await using world = await withFiveDeeds(open)

    await world.tamper(async (db) => {
      const row = await db
        .selectFrom('vault_audit')
        .selectAll()
        .where('seq', '=', 5)
        .executeTakeFirstOrThrow()
      await db
        .insertInto('vault_audit')
        .values({ ...row, seq: 6 })
        .execute()
    })

    expect((await verifyVault(world.user)).faults).toContainEqual(
      expect.stringMatching(/^Row 6 of the audit was changed/),
    )
  })

  test('a removed row also after more was done', async () => {
    await using world = await withFiveDeeds(open)
    await world.tamper((db) => db.deleteFrom('vault_audit').where('seq', '=', 5).execute())

    await revealSecret(world.user, 1)

    expect((await verifyVault(world.user)).faults).toEqual(['Row 5 of the audit was removed.'])
  })
})

/** init, create, and three times reveal. */
async function withFiveDeeds(open: TestDatabase['open']): Promise<TestVault> {
  const world = await openTestVault(open)
  const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })
  for (let times = 0; times < 3; times += 1) await revealSecret(world.user, id)
  return world
}

function put(world: TestVault, id: number, columns: { sealed?: string; wrapped_key?: string }) {
  return world.tamper((db) => db.updateTable('secret_versions').set(columns).where('id', '=', id).execute())
}
