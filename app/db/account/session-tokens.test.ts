import { describe, expect, test } from 'vitest'
import { databases } from '../../testing/databases.ts'
import { markGone, saveSession } from '../sessions.ts'
import { bindSessionToken, findSessionToken, setSessionToken } from './session-tokens.ts'

const dev = { node: 'pi', name: 'dev' }
const dayMs = 24 * 3_600_000

describe.each(databases)('the token of a session, on $name', ({ open }) => {
  test('is worth nothing once the session is gone, and while it lives whatever its age', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => setSessionToken(db, { ...dev, secretHash: 'h' }, 0))
    await database.write((db) => saveSession(db, seen))

    const living = await findSessionToken(database.kysely, 'h', dayMs)
    await database.write((db) => markGone(db, seen.key, dayMs))
    const gone = await findSessionToken(database.kysely, 'h', dayMs)

    expect(living).toMatchObject(dev)
    expect(gone).toBeNull()
  })

  test('does not speak for another session that has the name of its own one day', async () => {
    await using store = await open()
    const { database } = store
    await database.write(async (db) => {
      await setSessionToken(db, { ...dev, secretHash: 'h' }, 0)
      await bindSessionToken(db, dev, seen.key)
      await saveSession(db, seen)
    })

    const living = await findSessionToken(database.kysely, 'h', dayMs)
    await database.write(async (db) => {
      await markGone(db, seen.key, dayMs)
      await saveSession(db, { ...seen, key: 'pi/default/%8', paneId: '%8' })
    })
    const later = await findSessionToken(database.kysely, 'h', dayMs)
    await database.write((db) => saveSession(db, seen))
    const startedAgain = await findSessionToken(database.kysely, 'h', dayMs)

    expect([living, later, startedAgain]).toMatchObject([dev, null, dev])
  })

  test('is good before its session was seen, for a while', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => setSessionToken(db, { ...dev, secretHash: 'h' }, 0))

    const soon = await findSessionToken(database.kysely, 'h', 60_000)
    const late = await findSessionToken(database.kysely, 'h', dayMs)

    expect(soon).toMatchObject(dev)
    expect(late).toBeNull()
  })
})

const seen = {
  ...dev,
  key: 'pi/default/%7',
  server: 'default',
  paneId: '%7',
  address: 'dev:0.0',
  agent: 'claude',
  version: '2.1.329',
  generation: '1.2.3',
  state: 'idle',
  since: 1,
  acceptsPrompt: true,
  draft: false,
  trusted: true,
  limitedUntil: null,
  cwd: '/',
  title: '',
  rule: 'claude/idle',
  typedAt: null,
  promptId: null,
  seenAt: 1,
} as const
