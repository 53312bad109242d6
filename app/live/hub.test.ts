import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { submit } from '../broker/commands.ts'
import { endToken, listTokens } from '../db/account/tokens.ts'
import { findUser } from '../db/account/users.ts'
import { appendEvent, latestCursor } from '../db/events.ts'
import { connectLive, type LiveClient } from '../testing/live-client.ts'
import { startDashboard, type Client, type TestDashboard } from '../testing/dashboard.ts'
import { waitFor } from '../testing/wait-for.ts'

let dashboard: TestDashboard
let viewer: Client
beforeAll(async () => {
  dashboard = await startDashboard()
  viewer = await dashboard.signIn('viewer')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const send = async (content: string) =>
  (await submit(dashboard.web.database, { content }, Date.now())).prompt.id
const now = () => latestCursor(dashboard.web.database.kysely)
interface Refusal {
  error?: { code: string; message: string }
}
const got = (client: LiveClient, id: number) =>
  waitFor(
    async () => client.events.some(({ noun_id }) => noun_id === String(id)),
    `the event of prompt ${id}`,
  )

describe('following', () => {
  test('an event comes once, with its id, soon after its commit', async () => {
    await using client = await connectLive(dashboard, viewer)
    await client.ask('follow', { topics: ['prompts'] })
    const expected: unknown[] = []
    const tookMs: number[] = []

    while (tookMs.length < 20 && !tookMs.some((ms) => ms < 250)) {
      const id = await send('live')
      const committedAt = Date.now()
      await got(client, id)
      tookMs.push(Date.now() - committedAt)
      const event = { id: await now(), topic: 'prompts', noun: 'prompt', noun_id: String(id) }
      expected.push(expect.objectContaining(event))
    }

    expect(client.events).toEqual(expected)
    // The quickest of several: a busy machine may hold one of them up, but polling would make every one late.
    expect(Math.min(...tookMs)).toBeLessThan(250)
  })

  test('only what a client follows comes', async () => {
    await using client = await connectLive(dashboard, viewer)
    await using other = await connectLive(dashboard, viewer)
    await client.ask('follow', { topics: ['sessions'] })
    await other.ask('follow', { topics: ['activity'] })

    await got(other, await send('for others'))

    expect(client.events).toEqual([])
  })

  test('a client that was away gets what it missed, without a gap and without doubles', async () => {
    await using first = await connectLive(dashboard, viewer)
    await first.ask('follow', { topics: ['prompts'] })
    await got(first, await send('before'))
    await first[Symbol.asyncDispose]()
    const missed = []
    for (let count = 0; count < 450; count += 1) missed.push(await send(`missed ${count}`))

    await using again = await connectLive(dashboard, viewer)
    await again.ask('follow', { topics: ['prompts'], cursor: first.cursor() })
    const later = await send('after')
    await got(again, later)

    expect(again.events.map(({ noun_id }) => Number(noun_id))).toEqual([...missed, later])
    expect(again.resets).toBe(0)
  })

  test.each([
    ['of another database', async () => (await now()) + 1_000_000],
    ['too far behind', async () => 0],
  ])('a cursor %s is answered with a reset and the cursor of now', async (_what, cursor) => {
    await manyEvents()
    await using client = await connectLive(dashboard, viewer)

    await client.ask('follow', { topics: ['prompts'], cursor: await cursor() })
    await waitFor(async () => client.resets > 0, 'the reset')

    expect(client.cursor()).toBe(await now())
    expect(client.events).toEqual([])
    await got(client, await send('goes on'))
  })

  test('a client that takes nothing gets one message, and costs the others nothing', async () => {
    await using slow = await connectLive(dashboard, viewer, { isSlow: true })
    await using quick = await connectLive(dashboard, viewer)
    await slow.ask('follow', { topics: ['prompts'] })
    await quick.ask('follow', { topics: ['prompts'] })
    await got(slow, await send('the first'))

    const ids = []
    for (let count = 0; count < 20; count += 1) ids.push(await send(`more ${count}`))
    await got(quick, ids.at(-1)!)

    expect(quick.events).toHaveLength(21)
    expect(slow.events).toHaveLength(1)
  })

  test('who changes what it follows in the middle gets nothing twice', async () => {
    await using client = await connectLive(dashboard, viewer)
    const begin = await now()
    const ids: number[] = []
    for (let count = 0; count < 700; count += 1) ids.push(await send(`again ${count}`))

    for (const topics of [['sessions'], ['activity'], ['prompts']]) {
      void client.ask('follow', { topics, cursor: begin })
    }
    client.events.length = 0
    await got(client, ids.at(-1)!)
    const last = client.events.findLastIndex(({ noun_id }) => noun_id === String(ids[0]))

    expect(client.events.slice(last).map(({ noun_id }) => Number(noun_id))).toEqual(ids)
  })

  test('two hundred clients hear of everything once, and in order', async () => {
    const clients = await Promise.all(Array.from({ length: 200 }, () => connectLive(dashboard, viewer)))
    await Promise.all(clients.map((client) => client.ask('follow', { topics: ['prompts'] })))

    const ids: number[] = []
    for (let count = 0; count < 60; count += 1) ids.push(await send(`for all ${count}`))
    await Promise.all(clients.map((client) => got(client, ids.at(-1)!)))

    const heard = clients.map(({ events }) => events.map(({ noun_id }) => Number(noun_id)))
    expect(new Set(heard.map((each) => each.join(' ')))).toEqual(new Set([ids.join(' ')]))
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
  })

  test('the snapshot of the queue comes to those who follow it', async () => {
    await using client = await connectLive(dashboard, viewer)
    const snapshots: unknown[] = []
    client.socket.on('queue_snapshot', (snapshot: unknown, taken: () => void) => {
      snapshots.push(snapshot)
      taken()
    })
    await client.ask('follow', { topics: ['queue_snapshot'] })

    await send('in the snapshot')
    const { body } = await viewer.get('/api/prompts')
    const same = await waitFor(
      async () => JSON.stringify(snapshots.at(-1)) === JSON.stringify(body),
      'the snapshot of now',
    )

    expect(same).toBe(true)
    expect(client.events).toEqual([])
    expect(snapshots.length).toBeLessThanOrEqual(3)
  })

  test('who takes a snapshot late gets the one after it, however long it took', async () => {
    await using client = await connectLive(dashboard, viewer)
    const snapshots: unknown[] = []
    const late: (() => void)[] = []
    client.socket.on('queue_snapshot', (snapshot: unknown, taken: () => void) => {
      snapshots.push(snapshot)
      late.push(taken)
    })
    await client.ask('follow', { topics: ['queue_snapshot'] })
    await waitFor(async () => late.length === 1, 'the first snapshot')

    await send('while the first one is under way')
    await new Promise((resolve) => setTimeout(resolve, 700))
    const meanwhile = snapshots.length
    late[0]!()
    await waitFor(async () => snapshots.length === 2, 'the second snapshot')

    const { body } = await viewer.get('/api/prompts')
    expect(meanwhile).toBe(1)
    expect(snapshots[1]).toEqual(body)
  })

  test('a client that asks again and again and takes nothing has one message under way', async () => {
    await using client = await connectLive(dashboard, viewer, { isSlow: true })
    const messages: string[] = []
    client.socket.onAny((name: string) => messages.push(name))
    const cursor = await now()
    const id = await send('asked for a hundred times')

    for (let count = 0; count < 100; count += 1) {
      client.socket.emit('follow', { topics: ['prompts', 'queue_snapshot'], cursor })
    }
    await got(client, id)
    await client.ask('follow', { topics: ['prompts', 'queue_snapshot'], cursor })
    await new Promise((resolve) => setTimeout(resolve, 300))

    expect(messages.toSorted()).toEqual(['events', 'queue_snapshot'])
  })

  test("a viewer hears of nobody else's account", async () => {
    await using client = await connectLive(dashboard, viewer)
    await client.ask('follow', { topics: ['activity', 'accounts'] })

    await dashboard.signIn('admin')
    await got(client, await send('the end'))

    expect(client.events.filter(({ topic }) => topic === 'accounts')).toEqual([])
  })
})

describe('admission', () => {
  const refused = { data: { code: 'unauthorized' } }

  test('nobody gets in without a login, with a made-up cookie or token', async () => {
    const forged = { cookie: 'architect.sid=s%3Aabc.def' }

    await expect(connectLive(dashboard, {})).rejects.toMatchObject(refused)
    await expect(connectLive(dashboard, forged)).rejects.toMatchObject(refused)
    await expect(connectLive(dashboard, {}, { token: 'architect_nothing' })).rejects.toMatchObject(refused)
  })

  test('the page of another address does not get in with the cookie of a user', async () => {
    await expect(connectLive(dashboard, viewer, { origin: 'https://evil.example' })).rejects.toThrow(
      'websocket error',
    )
    await expect(connectLive(dashboard, viewer, { origin: 'null' })).rejects.toThrow('websocket error')
  })

  test('a token gets in by itself, and only as far as its scopes', async () => {
    const { token } = await dashboard.token(['prompts'])
    await using client = await connectLive(dashboard, {}, { token })

    const answer = await client.ask('follow', { topics: ['prompts'] })

    expect(answer).toMatchObject({ error: { code: 'forbidden' } })
  })

  test('a socket is no activity', async () => {
    const { kysely } = dashboard.web.database
    const activity = () => kysely.selectFrom('browser_sessions').select(['id', 'active_at']).execute()
    const before = await activity()

    await using client = await connectLive(dashboard, viewer)
    await client.ask('follow', { topics: ['prompts'] })
    await new Promise((resolve) => setTimeout(resolve, 1_500))

    expect(await activity()).toEqual(before)
  })
})

describe('the end of a login', () => {
  let client: LiveClient
  let reasons: string[]
  const watch = (live: LiveClient) => {
    reasons = []
    live.socket.on('ended', () => reasons.push('ended'))
    return live
  }
  beforeEach(() => (reasons = []))

  test('a logout cuts the sockets of that login and of no other', async () => {
    const leaving = await dashboard.signIn('operator')
    await using other = await connectLive(dashboard, viewer)
    client = watch(await connectLive(dashboard, leaving))

    await leaving.send('POST', '/logout')

    await client.ended()
    expect(reasons).toEqual(['ended'])
    expect(other.socket.connected).toBe(true)
    await expect(connectLive(dashboard, leaving)).rejects.toMatchObject({ data: { code: 'unauthorized' } })
  })

  test('a login that ends without a word is cut all the same', async () => {
    const leaving = await dashboard.signIn('operator')
    client = watch(await connectLive(dashboard, leaving))
    const user = await findUser(dashboard.web.database.kysely, 'test-operator')

    await dashboard.web.database.write((db) =>
      db.deleteFrom('browser_sessions').where('user_id', '=', user!.id).execute(),
    )

    await client.ended()
    expect(reasons).toEqual(['ended'])
  })

  test('a revoked token cuts its sockets', async () => {
    const { token } = await dashboard.token(['read'])
    client = watch(await connectLive(dashboard, {}, { token }))
    const { database, clock } = dashboard.web
    const [newest] = await listTokens(database.kysely)

    await database.write((db) => endToken(db, newest!.id, null, clock.now()))

    await client.ended()
    expect(reasons).toEqual(['ended'])
  })

  test('another role counts within a second', async () => {
    const changed = await dashboard.signIn('admin')
    client = await connectLive(dashboard, changed)
    const { database } = dashboard.web
    await database.write((db) =>
      db.updateTable('users').set({ role: 'viewer' }).where('name', '=', 'test-admin').execute(),
    )

    const refusal = await waitFor(async () => {
      const answer = await client.ask<Refusal>('terminal:release', { terminal: 1 })
      return answer.error?.code === 'forbidden' && answer
    }, 'the refusal')

    expect(refusal.error?.message).toContain('operator')
    await client[Symbol.asyncDispose]()
  })
})

describe('what clients send', () => {
  test.each([
    ['an event that is not declared', 'eval', {}, 'not_found'],
    ['a wrong topic', 'follow', { topics: ['passwords'] }, 'invalid'],
    ['no payload', 'follow', undefined, 'invalid'],
    ['a negative cursor', 'follow', { topics: [], cursor: -1 }, 'invalid'],
    ['a prototype as name', '__proto__', {}, 'not_found'],
  ])('%s is refused with a reason', async (_what, name, payload, code) => {
    await using client = await connectLive(dashboard, viewer)

    const answer = await client.ask(name, payload)

    expect(answer).toMatchObject({ error: { code } })
    expect(client.socket.connected).toBe(true)
  })

  test('a flood of messages, or one that is too large, ends the connection and nothing else', async () => {
    await using flooding = await connectLive(dashboard, viewer)
    await using large = await connectLive(dashboard, viewer)

    for (let count = 0; count < 3_000; count += 1) flooding.socket.emit('follow', { topics: [] })
    large.socket.emit('follow', { topics: ['x'.repeat(500_000)] })

    await flooding.ended()
    await large.ended()
    await using fine = await connectLive(dashboard, viewer)
    expect(await fine.ask('follow', { topics: [] })).toHaveProperty('cursor')
  })
})

/** More than anybody is told who comes back. */
async function manyEvents() {
  await dashboard.web.database.write(async (db) => {
    for (let count = 0; count < 1_200; count += 1) {
      appendEvent(db, { at: 0, noun: 'queue', nounId: '', type: 'test', data: {} })
    }
  })
}
