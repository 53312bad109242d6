import { describe, expect, test } from 'vitest'
import { databases } from '../../testing/databases.ts'
import { eventsAfter } from '../events.ts'
import type { Database } from '../open.ts'
import { countLogin, forgiveLogin } from './failures.ts'
import { endLogins, findLogin, hasExpiredLogins, loginsOf, markLoginActive, startLogin } from './logins.ts'
import { createToken, endToken, findToken, listTokens } from './tokens.ts'
import { changePassword, changeRole, createUser, deleteUser, findUser, listUsers } from './users.ts'

const passwordHash = 'not a real hash'

describe.each(databases)('on $name', ({ open }) => {
  test('a user is found by the name in any case, and no other takes it', async () => {
    await using store = await open()
    const { database } = store

    const user = await addUser(database, 'Ann')
    const again = addUser(database, 'aNN')

    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    expect(await findUser(database.kysely, 'ANN')).toMatchObject({ id: user, name: 'Ann', loginVersion: 0 })
    expect(await findUser(database.kysely, 'an')).toBeNull()
  })

  test('two administrators who remove each other at the same moment do not both succeed', async () => {
    await using store = await open()
    const other = await store.openAgain()
    const [ann, bea] = [
      await addUser(store.database, 'ann', 'admin'),
      await addUser(store.database, 'bea', 'admin'),
    ]

    const outcomes = await Promise.allSettled([
      store.database.write((db) => deleteUser(db, ann, 5)),
      other.write((db) => changeRole(db, bea, 'viewer', 5)),
    ])
    const admins = (await listUsers(store.database.kysely)).filter(({ role }) => role === 'admin')

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(admins).toHaveLength(1)
  })

  test('another password or role ends what was signed for the user before', async () => {
    await using store = await open()
    const { database } = store
    const id = await addUser(database, 'ann')

    await database.write((db) => changePassword(db, id, 'another hash', 7))
    await database.write((db) => changeRole(db, id, 'operator', 8))
    const user = await findUser(database.kysely, 'ann')
    const ends = await eventsAfter(database.kysely, 0, { limit: 9, noun: 'login', nounId: `user:${id}` })

    expect(user).toMatchObject({
      loginVersion: 2,
      role: 'operator',
      passwordHash: 'another hash',
      passwordChangedAt: 7,
      hasInitialPassword: false,
    })
    expect(ends.map(({ type, at }) => [type, at])).toEqual([
      ['end', 7],
      ['end', 8],
    ])
  })

  test('a login is found by its secret until it is ended, which is told by an event', async () => {
    await using store = await open()
    const { database } = store
    const userId = await addUser(database, 'ann', 'operator')

    const id = await addLogin(database, userId, 'a', 10)
    const found = await findLogin(database.kysely, 'a')
    const ended = await database.write((db) => endLogins(db, { id, userId }, 'ended', 20))
    const again = await database.write((db) => endLogins(db, { id, userId }, 'ended', 21))
    const events = await eventsAfter(database.kysely, 0, { limit: 9, noun: 'login', nounId: `session:${id}` })

    expect(found).toMatchObject({
      id,
      userId,
      userName: 'ann',
      role: 'operator',
      createdAt: 10,
      activeAt: 10,
    })
    expect([ended, again, await findLogin(database.kysely, 'a')]).toEqual([1, 0, null])
    expect(events.map(({ type, at }) => [type, at])).toEqual([
      ['start', 10],
      ['end', 20],
    ])
  })

  test('all logins of a user end but one, and nobody else’s', async () => {
    await using store = await open()
    const { database } = store
    const [ann, bea] = [await addUser(database, 'ann'), await addUser(database, 'bea')]
    const kept = await addLogin(database, ann, 'a', 1)
    await addLogin(database, ann, 'b', 2)
    await addLogin(database, bea, 'c', 3)

    const ended = await database.write((db) => endLogins(db, { userId: ann, exceptId: kept }, 'ended', 9))

    expect(ended).toBe(1)
    expect((await loginsOf(database.kysely, ann)).map(({ id }) => id)).toEqual([kept])
    expect(await loginsOf(database.kysely, bea)).toHaveLength(1)
  })

  test('logins without activity, and those that began too long ago, are found and ended', async () => {
    await using store = await open()
    const { database } = store
    const userId = await addUser(database, 'ann')
    const [idle, busy, old] = [
      await addLogin(database, userId, 'idle', 100),
      await addLogin(database, userId, 'busy', 101),
      await addLogin(database, userId, 'old', 50),
    ]
    await database.write((db) => markLoginActive(db, busy, 300))
    await database.write((db) => markLoginActive(db, old, 300))
    await database.write((db) => markLoginActive(db, busy, 200)) // comes late
    const expired = { activeBefore: 100, createdBefore: 50 }

    const before = await hasExpiredLogins(database.kysely, expired)
    const ended = await database.write((db) => endLogins(db, { expired }, 'over', 400))
    const after = await hasExpiredLogins(database.kysely, expired)

    expect([before, ended, after]).toEqual([true, 2, false])
    expect(await loginsOf(database.kysely, userId)).toMatchObject([{ id: busy, activeAt: 300 }])
    expect(idle).not.toBe(old)
  })

  test('a token is found by its secret until its owner or an administrator ends it', async () => {
    await using store = await open()
    const { database } = store
    const [ann, bea] = [await addUser(database, 'ann'), await addUser(database, 'bea')]
    const { id } = await addToken(database, ann, 'ci')

    const found = await findToken(database.kysely, 'hash of ci')
    const foreign = database.write((db) => endToken(db, id, bea, 5))
    await expect(foreign).rejects.toMatchObject({ code: 'not_found' })
    await database.write((db) => endToken(db, id, ann, 6))
    const events = await eventsAfter(database.kysely, 0, { limit: 9, noun: 'login', nounId: `token:${id}` })

    expect(found).toMatchObject({ id, userName: 'ann', role: 'viewer', scopes: ['read'], usedAt: null })
    expect(await findToken(database.kysely, 'hash of ci')).toBeNull()
    expect(events).toMatchObject([{ type: 'end', at: 6, data: { name: 'ci' } }])
  })

  test('a user has each token name once', async () => {
    await using store = await open()
    const { database } = store
    const [ann, bea] = [await addUser(database, 'ann'), await addUser(database, 'bea')]
    await addToken(database, ann, 'ci')

    const again = addToken(database, ann, 'ci', 'another')

    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    await addToken(database, bea, 'ci', 'of bea')
    expect(await listTokens(database.kysely)).toHaveLength(2)
  })

  test('what belongs to a user who is removed goes as well', async () => {
    await using store = await open()
    const { database } = store
    await addUser(database, 'root', 'admin')
    const ann = await addUser(database, 'ann')
    await addLogin(database, ann, 'a', 1)
    await addToken(database, ann, 'ci')

    await database.write((db) => deleteUser(db, ann, 9))

    expect(await findLogin(database.kysely, 'a')).toBeNull()
    expect(await findToken(database.kysely, 'hash of ci')).toBeNull()
  })

  describe('failed logins', () => {
    const patience = { free: 3, firstMs: 1_000, longestMs: 5_000 }

    test('make the next ones wait, twice as long each time, up to the longest', async () => {
      await using store = await open()
      const { database } = store
      const waits: number[] = []

      for (let now = 1_000_000; waits.length < 11;) {
        const allowedAt = await database.write((db) => countLogin(db, [{ key: 'k', patience }], now))
        if (allowedAt > now) waits.push(allowedAt - now)
        else waits.push(0)
        now = allowedAt
      }

      expect(waits).toEqual([0, 0, 0, 1_000, 0, 2_000, 0, 4_000, 0, 5_000, 0])
    })

    test('count when they are tried, however many at the same moment, in two processes', async () => {
      await using store = await open()
      const other = await store.openAgain()

      const allowed = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 ? other : store.database).write((db) => countLogin(db, [{ key: 'k', patience }], 7)),
        ),
      )

      expect(allowed.filter((at) => at === 7)).toHaveLength(3)
    })

    test('are not counted while one of their keys has to wait', async () => {
      await using store = await open()
      const { database } = store
      const count = (...keys: string[]) =>
        database.write((db) =>
          countLogin(
            db,
            keys.map((key) => ({ key, patience })),
            7,
          ),
        )
      for (let n = 0; n < 3; n++) await count('a')

      const refused = await count('b', 'a')
      const rows = await database.kysely
        .selectFrom('login_failures')
        .select(['key', 'count'])
        .orderBy('key')
        .execute()

      expect(refused).toBe(1_007)
      expect(rows).toEqual([
        { key: 'a', count: 3 },
        { key: 'b', count: 0 },
      ])
    })

    test('are forgotten with a right one: all of one key, of the others that one', async () => {
      await using store = await open()
      const { database } = store
      const count = (key: string) => database.write((db) => countLogin(db, [{ key, patience }], 7))
      for (const key of ['pair', 'address', 'pair', 'address', 'foreign']) await count(key)

      await database.write((db) => forgiveLogin(db, { whole: 'pair', once: ['address', 'account'] }))
      const rows = await database.kysely
        .selectFrom('login_failures')
        .select(['key', 'count'])
        .orderBy('key')
        .execute()

      expect(rows).toEqual([
        { key: 'address', count: 1 },
        { key: 'foreign', count: 1 },
      ])
    })

    test('are forgotten after an hour without one', async () => {
      await using store = await open()
      const { database } = store
      for (let n = 0; n < 3; n++) await database.write((db) => countLogin(db, [{ key: 'k', patience }], 7))

      await database.write((db) => countLogin(db, [{ key: 'other', patience }], 7 + 3_600_000))
      const rows = await database.kysely.selectFrom('login_failures').select('key').execute()

      expect(rows).toEqual([{ key: 'other' }])
    })
  })
})

async function addUser(database: Database, name: string, role: 'viewer' | 'operator' | 'admin' = 'viewer') {
  const user = await database.write((db) => createUser(db, { name, role, passwordHash }, 1))
  return user.id
}

function addLogin(database: Database, userId: number, secretHash: string, now: number): Promise<number> {
  const login = { secretHash, userId, address: '192.0.2.1', userAgent: 'test' }
  return database.write((db) => startLogin(db, login, now))
}

function addToken(database: Database, userId: number, name: string, secret = `hash of ${name}`) {
  const token = {
    userId,
    name,
    secretHash: secret,
    hint: 'arch_abcd',
    scopes: ['read' as const],
    expiresAt: null,
  }
  return database.write((db) => createToken(db, token, 2))
}
