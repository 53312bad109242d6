import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { checkPrompt } from '../broker/check-prompt.ts'
import { maskText } from '../core/masking.ts'
import { appendEvent, eventsAfter } from '../db/events.ts'
import { backUp } from '../db/sqlite/backup.ts'
import { openLog } from '../log.ts'
import { openRecords } from '../records.ts'
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

test('a planted value is found nowhere: database, its log, a backup, the logs, the event log', async () => {
  await using dashboard = await startDashboard()
  const admin = await dashboard.signIn('admin')
  const { config, database } = dashboard.web
  await admin.send('POST', '/api/secrets', { name: 'TOKEN', value: planted })
  await waitFor(async () => maskText(planted) !== planted, 'the mask')
  const encoded = Buffer.from(`ann:${planted}`).toString('base64')

  await admin.get('/api/secrets/1')
  await admin.send('PUT', '/api/secrets/1', { description: `the same as ${planted}` })
  await admin.send('POST', '/api/errors', {
    error_type: 'error',
    message: `401 for ${planted}`,
    source: encoded,
  })
  await database.write(async (db) =>
    appendEvent(db, { at: 1, noun: 'note', nounId: '', type: 'note', data: { planted, encoded } }),
  )
  using log = openLog(config, 'test')
  log.json.error({ err: new Error(`refused: ${planted}`), encoded }, planted)
  log.progress(`used ${planted}`)
  const handle = new Sqlite(join(config.dataDir, 'architect.db'))
  mkdirSync(join(config.dataDir, 'backups'), { recursive: true })
  backUp(handle, config.dataDir, 'test', Date.now())
  handle.close()

  const files = filesUnder(config.dataDir)
  const telling = files.filter((file) => {
    const text = readFileSync(file, 'latin1')
    return [planted, 'p1anted', encoded, Buffer.from(planted).toString('base64')].some((each) =>
      text.includes(each),
    )
  })
  expect(telling).toEqual([])
  expect(files.some((file) => file.includes('backups/'))).toBe(true)
  expect(readFileSync(log.path, 'utf8')).toContain('refused: [secret TOKEN]')
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

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
