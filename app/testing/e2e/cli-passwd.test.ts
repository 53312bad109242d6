import { describe, expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../../accounts/password.ts'
import { openDatabase } from '../../db/open.ts'
import { createUser, findUser } from '../../db/account/users.ts'
import { findLogin, startLogin } from '../../db/account/logins.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

describe('./deploy.sh passwd', () => {
  test('makes the first user where nobody is yet', async () => {
    await using world = await openCliWorld()

    const answer = await world.run(['passwd'], { input: 'from a pipe\n' })

    expect(answer).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('architect has the new password'),
    })
    expect(await works(world, 'architect', 'from a pipe')).toBe(true)
  })

  test('ends the logins of the user whose password it changes', async () => {
    await using world = await openCliWorld()
    await addUser(world, 'Ann')

    const answer = await world.json<{ user: string; password: string }>(['passwd', 'ANN', '--random'])

    expect(answer.user).toBe('Ann')
    expect(await works(world, 'ann', answer.password)).toBe(true)
    expect(await isLoggedIn(world, 'Ann')).toBe(false)
  })

  test.each([
    [['passwd'], 'short\n', 'A password has at least 8 characters.'],
    [['passwd'], '', 'Nothing was given'],
    [['passwd', 'nobody'], 'long enough\n', 'There is no user "nobody". Users: Ann.'],
  ])('%j with %j changes nothing and says why', async (args, input, sentence) => {
    await using world = await openCliWorld()
    await addUser(world, 'Ann')

    const answer = await world.run(args, { input })

    expect(answer.code).not.toBe(0)
    expect(answer.stderr).toContain(sentence)
    expect(await isLoggedIn(world, 'Ann')).toBe(true)
  })

  test('asks whose password when there are several users', async () => {
    await using world = await openCliWorld()
    await addUser(world, 'ann')
    await addUser(world, 'bea')

    const answer = await world.run(['passwd'], { input: 'long enough\n' })

    expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('ann, bea.') })
  })

  test('says so where ARCHITECT_PASSWORD would undo the change', async () => {
    await using world = await openCliWorld({ ARCHITECT_PASSWORD: 'given in env' })

    const answer = await world.run(['passwd'], { input: 'long enough\n' })

    expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('ARCHITECT_PASSWORD') })
  })
})

async function addUser({ dataDir }: CliWorld, name: string) {
  await using database = await openDatabase({ dataDir })
  const passwordHash = await hashPassword('the old password')
  const { id } = await database.write((db) => createUser(db, { name, role: 'viewer', passwordHash }, 1))
  const login = { secretHash: name, userId: id, address: '192.0.2.1', userAgent: 'test' }
  await database.write((db) => startLogin(db, login, 1))
}

async function isLoggedIn({ dataDir }: CliWorld, name: string): Promise<boolean> {
  await using database = await openDatabase({ dataDir })
  return (await findLogin(database.kysely, name)) !== null
}

async function works({ dataDir }: CliWorld, name: string, password: string): Promise<boolean> {
  await using database = await openDatabase({ dataDir })
  const user = await findUser(database.kysely, name)
  return verifyPassword(user?.passwordHash ?? null, password)
}
