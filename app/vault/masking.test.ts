import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { checkPrompt } from '../broker/check-prompt.ts'
import { maskText } from '../core/masking.ts'
import { appendEvent, eventsAfter } from '../db/events.ts'
import { openRecords } from '../records.ts'
import { buildProgram } from '../testing/chaos/build.ts'
import { databases } from '../testing/databases.ts'
import { startDashboard } from '../testing/dashboard.ts'
import { openTestVault } from '../testing/vault.ts'
import { waitFor } from '../testing/wait-for.ts'
import { maskVault } from './masking.ts'
import { changeSecret, createSecret, removeSecret, revealSecret } from './secrets.ts'

const planted = 'ghp_p1anted-value-0123456789'
const never = (error: unknown) => {
  throw error
}

describe.each(databases)('on $name', ({ open }) => {
  test('what another process stores after a secret was made is masked in the database', async () => {
    await using world = await openTestVault(open)
    const { database } = world.user
    await using _masking = await maskVault(world.another(), never)
    const { id } = await createSecret(world.user, { name: 'TOKEN', value: planted })
    await waitFor(async () => maskText(planted) !== planted, 'the mask')

    await database.write(async (db) =>
      appendEvent(db, { at: 1, noun: 'note', nounId: '', type: 'note', data: { text: `it is ${planted}.` } }),
    )
    const [event] = (await eventsAfter(database.kysely, 0, { limit: 99 })).filter(
      ({ noun }) => noun === 'note',
    )

    expect(event?.data).toEqual({ text: 'it is [secret TOKEN].' })
    expect((await revealSecret(world.user, id)).value).toBe(planted)
  })

  test('an earlier value stays masked, and a deleted one no longer is', async () => {
    await using world = await openTestVault(open)
    await using _masking = await maskVault(world.another(), never)
    const { id } = await createSecret(world.user, { name: 'TOKEN', value: planted })
    await changeSecret(world.user, id, { value: 'another-planted-value-1' })
    await waitFor(async () => maskText('another-planted-value-1').startsWith('['), 'the second value')
    const masked = maskText(planted)

    await removeSecret(world.user, id)
    await waitFor(async () => maskText(planted) === planted, 'the end of the mask')

    expect(masked).toBe('[secret TOKEN]')
  })
})

test('a prompt that holds a value is refused, with what to do', async () => {
  await using world = await openTestVault(databases[0]!.open)
  await createSecret(world.user, { name: 'TOKEN', value: planted })
  await using _masking = await maskVault(world.another(), never)

  const check = () => checkPrompt({ content: `use ${planted}` }, 1)

  expect(check).toThrow(/holds the value of the secret "TOKEN"/)
})

test('every command masks from its start', async () => {
  await using dashboard = await startDashboard()
  const { config, database, clock, vault } = dashboard.web
  const by = { kind: 'user', name: 'ann', address: null } as const
  await createSecret({ database, clock, vault, by }, { name: 'TOKEN', value: 'p1anted-for-a-command' })

  await using _records = await openRecords(config)

  expect(maskText('p1anted-for-a-command')).toBe('[secret TOKEN]')
})

test('a program that breaks does not say the value, however it breaks', async () => {
  await using dashboard = await startDashboard()
  await using program = await buildProgram('app/testing/crash-with-secret.main.ts')
  const { config, database, clock, vault } = dashboard.web
  const by = { kind: 'user', name: 'ann', address: null } as const
  await createSecret({ database, clock, vault, by }, { name: 'TOKEN', value: planted })
  const env = { ...process.env, ARCHITECT_DATA: config.dataDir }
  const broken = (how: string) =>
    spawnSync(process.execPath, [program.path, how, planted], { env, encoding: 'utf8' })

  const ended = ['work', 'late'].map(broken)

  for (const { status, stdout, stderr } of ended) {
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^Error: it broke over \[secret TOKEN\]\n +at /)
    expect(stderr).not.toContain('p1anted')
  }
})
