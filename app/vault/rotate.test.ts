import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listSecrets } from '../db/secret/read.ts'
import { readKeys } from '../db/secret/vault.ts'
import { buildProgram, type BuiltProgram } from '../testing/chaos/build.ts'
import { databases } from '../testing/databases.ts'
import { openTestVault, type TestVault } from '../testing/vault.ts'
import { finishRotation, rotateMasterKey, type RotationStep } from './rotate.ts'
import { unlockVault } from './seal.ts'
import { changeSecret, createIn, createSecret, revealSecret } from './secrets.ts'
import type { VaultUser } from './tools.ts'
import { verifyVault } from './verify.ts'

let rotator: BuiltProgram
beforeAll(async () => {
  rotator = await buildProgram('app/testing/vault-rotator.main.ts')
})
afterAll(() => rotator[Symbol.asyncDispose]())

const passphrase = 'correct horse battery'
const steps: RotationStep[] = ['key kept', 'key current', 'key in place', 'batch', 'old key dropped']

describe.each(databases)('a rotation that is killed, on $name', ({ name, open }) => {
  // Where the keys are kept is the same on both; on PostgreSQL it is the transactions that are tried.
  const kinds = name === 'sqlite' ? (['file', 'passphrase'] as const) : (['file'] as const)
  test.each(steps.flatMap((step) => kinds.map((kind) => [kind, step] as const)))(
    'over to a %s, at "%s", leaves everything readable, and the next one ends it',
    async (kind, step) => {
      await using world = await openTestVault(open)
      const values = everyTenth(await fill(world, 120))

      expect(await rotateElsewhere(world, kind, step)).toBe('SIGKILL')
      const after = world.another()
      if (kind === 'passphrase' && step === 'key current') await unlockVault(after, passphrase)
      const readAfterKill = await readSome(after)
      const verified = await verifyVault(after)
      expect(await rotateElsewhere(world, 'file')).toBe(0)
      const late = world.another()
      const readAfterAll = await readSome(late)

      expect(readAfterKill).toEqual(values)
      expect(verified.faults).toEqual([])
      expect(readAfterAll).toEqual(values)
      expect(await readKeys(late.database.kysely)).toHaveLength(1)
      expect(await verifyVault(late)).toMatchObject({ faults: [] })
    },
    60_000,
  )
})

describe.each(databases)('a rotation, on $name', ({ open }) => {
  test('goes on while others read and write, in processes that knew the old key', async () => {
    await using world = await openTestVault(open)
    await fill(world, 120)
    const reader = world.another()
    await revealSecret(reader, 1)

    const over = new AbortController()
    const rotation = rotateElsewhere(world, 'file').finally(() => over.abort())
    const read: string[] = []
    while (!over.signal.aborted) {
      const id = 1 + (read.length % 120)
      if (read.length % 5 === 0) await changeSecret(reader, id, { value: `value ${id}` })
      read.push((await revealSecret(reader, id)).value)
    }

    expect(await rotation).toBe(0)
    expect(read.length).toBeGreaterThan(10)
    expect(read).toEqual(read.map((_, index) => `value ${1 + (index % 120)}`))
    expect(await verifyVault(reader)).toMatchObject({ faults: [] })
  }, 60_000)

  test('comes between twenty who read at the same time, in processes of their own, and none of them notices', async () => {
    await using world = await openTestVault(open)
    const values = await fill(world, 20)
    const readers = Array.from({ length: 20 }, () => world.another())

    const [read] = await Promise.all([
      Promise.all(readers.map(async (reader, index) => (await revealSecret(reader, index + 1)).value)),
      rotateMasterKey(world.user, { kind: 'file' }),
    ])
    const again = await Promise.all(
      readers.map(async (reader, index) => (await revealSecret(reader, index + 1)).value),
    )

    expect([read, again]).toEqual([values, values])
    expect(await verifyVault(world.another())).toMatchObject({ values: 20, faults: [] })
  })

  test('leaves an old key that opens nothing', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })
    const path = join(world.dataDir, 'vault-key')
    const before = readFileSync(path, 'utf8')

    await rotateMasterKey(world.user, { kind: 'file' })

    expect(readFileSync(path, 'utf8')).not.toBe(before)
    expect(existsSync(`${path}.next`)).toBe(false)
    expect((await revealSecret(world.another(), id)).value).toBe('planted-value')
  })

  test('over to a passphrase leaves no key on the disk, and back makes one', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })
    const path = join(world.dataDir, 'vault-key')

    await rotateMasterKey(world.user, { kind: 'passphrase', passphrase })
    const isOnDisk = existsSync(path)
    const value = (await revealSecret(world.another(), id)).value
    await rotateMasterKey(world.user, { kind: 'file' })

    expect([isOnDisk, value, existsSync(path)]).toEqual([false, 'planted-value', true])
    expect((await revealSecret(world.another(), id)).value).toBe('planted-value')
  })

  test('over to a credential of the unit leaves no key on the disk, and the next unit needs only that one', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })
    const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]

    await rotateMasterKey(world.anotherOfUnit({ 'vault-key.next': first }), { kind: 'credential' })
    const isOnDisk = existsSync(join(world.dataDir, 'vault-key'))
    const started = world.anotherOfUnit({ 'vault-key': first })
    const value = (await revealSecret(started, id)).value
    const both = world.anotherOfUnit({ 'vault-key': first, 'vault-key.next': second })
    await rotateMasterKey(both, { kind: 'credential' })

    expect([isOnDisk, value]).toEqual([false, 'planted-value'])
    const late = world.anotherOfUnit({ 'vault-key': second })
    expect((await revealSecret(late, id)).value).toBe('planted-value')
    await expect(revealSecret(world.anotherOfUnit({ 'vault-key': first }), id)).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(await verifyVault(late)).toMatchObject({ faults: [] })
  })

  test('over to a credential that the unit does not give says what to give it, and changes nothing', async () => {
    await using world = await openTestVault(open)
    const { id } = await createSecret(world.user, { name: 'A', value: 'planted-value' })

    const refused = rotateMasterKey(world.anotherOfUnit({}), { kind: 'credential' })

    await expect(refused).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('"vault-key.next"'),
    })
    expect((await revealSecret(world.another(), id)).value).toBe('planted-value')
  })

  test('from a credential back to a file makes one, and the unit needs no credential any more', async () => {
    await using world = await openTestVault(open)
    const key = randomBytes(32).toString('base64')
    const unit = world.anotherOfUnit({ 'vault-key': key })
    const { id } = await createSecret(unit, { name: 'A', value: 'planted-value' })
    const wasOnDisk = existsSync(join(world.dataDir, 'vault-key'))

    await rotateMasterKey(unit, { kind: 'file' })

    expect([wasOnDisk, existsSync(join(world.dataDir, 'vault-key'))]).toEqual([false, true])
    expect((await revealSecret(world.another(), id)).value).toBe('planted-value')
  })

  test('refuses a passphrase that anybody would guess, and changes nothing', async () => {
    await using world = await openTestVault(open)
    await createSecret(world.user, { name: 'A', value: 'planted-value' })

    const refused = rotateMasterKey(world.user, { kind: 'passphrase', passphrase: 'secret' })

    await expect(refused).rejects.toMatchObject({ code: 'invalid' })
    expect(await readKeys(world.user.database.kysely)).toHaveLength(1)
  })

  test('of an empty vault, or one without an early end, has nothing to finish', async () => {
    await using world = await openTestVault(open)

    await finishRotation(world.user)
    await expect(rotateMasterKey(world.user, { kind: 'file' })).rejects.toMatchObject({ code: 'not_found' })
    await createSecret(world.user, { name: 'A', value: 'planted-value' })
    await finishRotation(world.user)

    expect((await verifyVault(world.user)).deeds).toBe(2)
  })
})

/** Enough for more than one batch; returns what is in it, by name. */
async function fill(world: TestVault, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `S${String(index + 1).padStart(4, '0')}`)
  await world.user.database.write(async (db) => {
    for (const [index, name] of names.entries())
      await createIn(db, world.user, { name, value: `value ${index + 1}` })
  })
  return names.map((_, index) => `value ${index + 1}`)
}

/** What `verifyVault` opens is all; that it is what was stored is read of some. */
async function readSome(user: VaultUser): Promise<string[]> {
  const secrets = everyTenth(await listSecrets(user.database.kysely))
  return Promise.all(secrets.map(async ({ id }) => (await revealSecret(user, id)).value))
}

function everyTenth<T>(all: readonly T[]): T[] {
  return all.filter((_, index) => index % 10 === 9)
}

/** How the process ended: by its exit code, or by the signal. */
async function rotateElsewhere(world: TestVault, kind: string, step = ''): Promise<number | string> {
  const { runtimeDir } = world.user.vault.places
  const args = [world.dataDir, runtimeDir, world.databaseUrl ?? '', kind, step]
  const child = spawn(process.execPath, [rotator.path, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return code ?? signal ?? 'nothing'
}
