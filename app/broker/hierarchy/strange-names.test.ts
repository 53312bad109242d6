import { expect, test } from 'vitest'
import { setSessionSettings } from '../../db/session-settings.ts'
import { databases } from '../../testing/databases.ts'
import { addressPrompt } from './address.ts'
import { listMembers, memberNamed } from './members.ts'
import { shippedHierarchy } from './rules-file.ts'

const from = { node: 'pi', name: 'lead' }
const strange = [
  '%',
  '_ev',
  "d'ev",
  'd"ev',
  'DEV',
  'd\u0435v',
  'attic/dev',
  '',
  'x'.repeat(10_000),
  "' or 1=1 --",
]

test.each(databases)('no strange name reaches past the rules on $name', async ({ open }) => {
  await using store = await open()
  const { database } = store
  const settle = (node: string, name: string, manager: string) =>
    database.write((db) => setSessionSettings(db, { node, name }, { tier: 'worker', manager }, 1))
  await database.write((db) => setSessionSettings(db, from, { tier: 'manager' }, 1))
  await settle('pi', 'dev', 'lead')
  await settle('attic', 'dev', 'other')
  for (const name of strange) await settle('pi', name, 'other')
  const send = (session: string) =>
    addressPrompt(database.kysely, shippedHierarchy(), { content: 'x', from, target: { session } })

  for (const name of strange) await expect(send(name)).rejects.toMatchObject({ code: 'forbidden' })
  for (const name of strange) await expect(send(`pi/${name}`)).rejects.toMatchObject({ code: 'forbidden' })
  for (const name of ['d%', 'de_', 'Dev', 'pi/DEv', 'pi%/dev', '*']) {
    await expect(send(name)).rejects.toMatchObject({ code: 'not_found' })
  }
  await expect(send('dev')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(send('pi/dev')).resolves.toMatchObject({ target: { session: 'pi/dev' } })
  const [all, few] = [await listMembers(database.kysely), await listMembers(database.kysely, strange)]
  for (const name of strange)
    expect(memberNamed(few, { node: 'pi', name })).toEqual(memberNamed(all, { node: 'pi', name }))
})
