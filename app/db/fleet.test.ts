import { describe, expect, test } from 'vitest'
import { databases } from '../testing/databases.ts'
import { getControls, setControls } from './controls.ts'
import { eventsAfter } from './events.ts'
import { heldPanes, readPaneLease, releasePaneLease, takePaneLease } from './leases.ts'
import { endProcess, heartbeat, listProcesses, registerProcess } from './processes.ts'
import {
  findSessions,
  getSessionSettings,
  listSessions,
  listSessionSettings,
  markGone,
  saveSession,
  setSessionSettings,
  type StoredSession,
} from './sessions.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('a session is stored as it was seen, and only a new state makes an event', async () => {
    await using store = await open()
    const { database } = store
    const busy = {
      ...seen(),
      state: 'busy' as const,
      acceptsPrompt: false,
      promptId: 3,
      since: 20,
      seenAt: 21,
    }

    for (const each of [seen(), { ...seen(), title: 'new', seenAt: 11 }, busy]) {
      await database.write((db) => saveSession(db, each))
    }

    expect(await listSessions(database.kysely)).toEqual([busy])
    const events = await eventsAfter(database.kysely, 0, { limit: 10, noun: 'session' })
    expect(events.map(({ at, data }) => [at, data['from'], data['state']])).toEqual([
      [10, null, 'idle'],
      [21, 'idle', 'busy'],
    ])
  })

  test('another agent in the same pane makes an event although the state is the same', async () => {
    await using store = await open()
    const { database } = store

    await database.write((db) => saveSession(db, seen()))
    await database.write((db) => saveSession(db, { ...seen(), generation: 'other' }))

    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toHaveLength(2)
  })

  test('a session that is gone is listed only on request, and is gone once', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => saveSession(db, { ...seen(), promptId: 3 }))

    for (const now of [30, 31]) await database.write((db) => markGone(db, seen().key, now))

    expect(await listSessions(database.kysely)).toEqual([])
    const gone = await listSessions(database.kysely, { gone: true })
    expect(gone).toMatchObject([{ state: 'gone', since: 30, acceptsPrompt: false, promptId: null }])
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toHaveLength(2)
  })

  test('a session is found by each of its names, and two in one tmux session are both found', async () => {
    await using store = await open()
    const { database } = store
    const second = { ...seen(), key: 'pi/default/%8', paneId: '%8', address: 'web:0.1' }
    const far = { ...seen(), key: 'nas/default/%7', node: 'nas', name: 'db', address: 'db:0.0' }
    for (const each of [seen(), second, far]) await database.write((db) => saveSession(db, each))

    const find = async (name: string) => (await findSessions(database.kysely, name)).map(({ key }) => key)

    expect(await find('web')).toEqual(['pi/default/%7', 'pi/default/%8'])
    expect(await find('pi/web')).toEqual(['pi/default/%7', 'pi/default/%8'])
    expect(await find('web:0.1')).toEqual(['pi/default/%8'])
    expect(await find('nas/%7')).toEqual(['nas/default/%7'])
    expect(await find('pi/default/%8')).toEqual(['pi/default/%8'])
    expect(await find('nas/web')).toEqual([])
  })

  test('settings outlive the session and change one by one', async () => {
    await using store = await open()
    const { database } = store
    const web = { node: 'pi', name: 'web' }

    const none = await getSessionSettings(database.kysely, 'pi', 'web')
    await database.write((db) => setSessionSettings(db, web, { tags: ['ui'], tier: 'manager' }, 1))
    await database.write((db) => setSessionSettings(db, web, { paused: true }, 2))
    const settings = await database.write((db) =>
      setSessionSettings(db, web, { tier: null, createdBy: 'me' }, 3),
    )

    expect(none).toBeNull()
    expect(settings).toEqual({
      ...web,
      tier: null,
      tags: ['ui'],
      paused: true,
      ignored: false,
      manager: null,
      createdBy: 'me',
      agent: null,
      dir: null,
      updatedAt: 3,
    })
    expect(await listSessionSettings(database.kysely)).toEqual([settings])
  })

  test('the queue is switched in one step, with the reason', async () => {
    await using store = await open()
    const { database } = store

    const before = await getControls(database.kysely)
    await database.write((db) => setControls(db, { paused: true, reason: 'lunch' }, 5))
    await database.write((db) => setControls(db, { draining: true, reason: 'update' }, 6))

    expect(before).toEqual({ paused: false, draining: false, reason: null, changedAt: 0 })
    expect(await getControls(database.kysely)).toEqual({
      paused: true,
      draining: true,
      reason: 'update',
      changedAt: 6,
    })
  })

  test('processes are listed while they run, by kind', async () => {
    await using store = await open()
    const { database } = store
    const assigner = {
      id: 'a',
      kind: 'assigner',
      pid: 7,
      host: 'pi',
      version: '1',
      address: null,
      startedAt: 1,
    }

    await database.write((db) => registerProcess(db, assigner))
    const known = await database.write((db) => heartbeat(db, 'a', 9))
    const unknown = await database.write((db) => heartbeat(db, 'b', 9))

    expect([known, unknown]).toEqual([true, false])
    expect(await listProcesses(database.kysely, 'assigner')).toEqual([{ ...assigner, heartbeatAt: 9 }])
    expect(await listProcesses(database.kysely, 'dashboard')).toEqual([])
    await database.write((db) => endProcess(db, 'a', 10))
    expect(await listProcesses(database.kysely)).toEqual([])
  })

  test('one writer at a time holds a pane, and the epoch rises with every new one', async () => {
    await using store = await open()
    const { database } = store
    const take = (owner: string, now: number) =>
      database.write((db) => takePaneLease(db, 'pi/default/%7', owner, now + 100, now))

    const epochs = [await take('a', 0), await take('b', 50), await take('a', 60), await take('b', 161)]
    await database.write((db) => releasePaneLease(db, 'pi/default/%7', 'a', 1))
    epochs.push(await take('a', 162))
    await database.write((db) => releasePaneLease(db, 'pi/default/%7', 'b', 2))
    epochs.push(await take('a', 163), await take('b', 264), await take('b', 400))

    expect(epochs.map((each) => each?.epoch ?? null)).toEqual([1, null, 1, 2, null, 3, 4, 5])
  })

  test('a person takes a pane from whoever has it, and others see that', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => takePaneLease(db, 'pi/default/%7', 'assigner', 100, 1))

    await database.write((db) => takePaneLease(db, 'pi/default/%7', 'ada', 100, 2, true))

    expect(await readPaneLease(database.kysely, 'pi/default/%7')).toEqual({
      owner: 'ada',
      epoch: 2,
      until: 100,
    })
    expect(await readPaneLease(database.kysely, 'pi/default/%8')).toBeNull()
    expect(await heldPanes(database.kysely, 50)).toEqual([{ paneKey: 'pi/default/%7', owner: 'ada' }])
    expect(await heldPanes(database.kysely, 100)).toEqual([])
  })

  test('of many who want a pane at once exactly one gets it', async () => {
    await using store = await open()
    const connections = [store.database, await store.openAgain()]

    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        connections[i % 2]!.write((db) => takePaneLease(db, 'pi/default/%7', `owner ${i}`, 100, 1)),
      ),
    )

    expect(taken.filter((each) => each !== null)).toEqual([{ epoch: 1 }])
  })
})

function seen(): StoredSession {
  return {
    key: 'pi/default/%7',
    node: 'pi',
    server: 'default',
    paneId: '%7',
    name: 'web',
    address: 'web:0.0',
    agent: 'claude',
    version: '2.1.139',
    generation: '1-2',
    state: 'idle',
    since: 10,
    acceptsPrompt: true,
    draft: false,
    trusted: true,
    limitedUntil: null,
    cwd: '/code',
    title: 'Claude',
    rule: 'claude/idle',
    typedAt: null,
    promptId: null,
    seenAt: 10,
  }
}
