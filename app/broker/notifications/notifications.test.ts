import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../core/clock.ts'
import { coalesceMs, settleMs, type NoticeKind } from '../../core/notification.ts'
import { appendEvent, eventsAfter } from '../../db/events.ts'
import { changeChannel, listChannels } from '../../db/notification/channels.ts'
import { claimDeliveries, listDeliveries } from '../../db/notification/deliveries.ts'
import { dropNotices, dueNotices } from '../../db/notification/notices.ts'
import type { Database } from '../../db/open.ts'
import type { Db } from '../../db/schema.ts'
import { advancePrompt, submitPrompt } from '../../db/prompts.ts'
import { saveSession } from '../../db/sessions.ts'
import { setNotificationRules } from '../../db/settings.ts'
import { databases, type TestStore } from '../../testing/databases.ts'
import { storedSession } from '../../testing/stored-session.ts'
import { askHuman } from '../human-tasks/ask.ts'
import { answerHuman } from '../human-tasks/end.ts'
import { openChannel, sendTest } from './channels.ts'
import { collectNotices } from './collect.ts'
import { composeDeliveries } from './compose.ts'
import { sendDeliveries } from './send.ts'

const all: readonly NoticeKind[] = ['needs_person', 'failed', 'done', 'ready']

describe.each(databases)('on $name', ({ open }) => {
  test('a webhook is signed so that the standard library takes it, and says exactly what was sent', async () => {
    await using world = await openWorld(open)
    const { secret } = await world.channel('webhook')

    await world.finishPrompts(1)
    await world.round()

    const [call] = world.calls
    const verified = new Webhook(secret!).verify(call!.body, call!.headers as Record<string, string>)
    expect(verified).toMatchObject({
      type: 'architect.done',
      data: { count: 1, title: '✓ Prompt 1 is done' },
    })
    const [delivery] = await listDeliveries(world.database.kysely, { limit: 5 })
    expect(delivery).toMatchObject({
      state: 'sent',
      status: 200,
      tries: 1,
      payload: call!.body,
      messageId: call!.headers['webhook-id'],
    })
    expect(delivery?.log).toEqual([{ at: world.now, status: 200, failure: null }])
  })

  test('a topic gets title, priority, tags and a link, also with accents', async () => {
    await using world = await openWorld(open)
    await world.channel('ntfy', { secret: 'tk_abc', url: `${world.url}/mein-thema` })
    await world.rules({ quiet: null, publicUrl: 'https://architect.example.org/' })

    await askHuman(world.database, { node: 'test', session: 'w1', question: 'Größe ändern?' }, world.now)
    await world.round()

    const [call] = world.calls
    expect(call).toMatchObject({ path: '/', headers: { authorization: 'Bearer tk_abc' } })
    expect(JSON.parse(call!.body)).toMatchObject({
      topic: 'mein-thema',
      title: 'w1 asks: Größe ändern?',
      priority: 4,
      tags: ['raised_hand'],
      click: 'https://architect.example.org/questions/1',
    })
  })

  test('an error that was resolved is told when it happens again, and not when it happens first', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')
    const about = { at: world.now, noun: 'error', nounId: '17' } as const
    const data = { errorType: 'TypeError', message: 'the basket is gone' }

    await world.database.write(async (db) => {
      for (const type of ['new', 'resolve', 'regress']) appendEvent(db, { ...about, type, data })
    })
    await world.round()

    expect(world.calls.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      {
        type: 'architect.failed',
        data: { title: '↻ Error 17, which was resolved, is back', body: 'TypeError: the basket is gone' },
      },
    ])
  })

  test('a flood becomes one message with a count, and a second one not before its time', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')

    await world.finishPrompts(40)
    await world.round()
    await world.finishPrompts(3)
    await world.round()
    const early = world.calls.length
    await world.round(coalesceMs)

    expect(early).toBe(1)
    const [first, second] = world.calls.map(
      ({ body }) => (JSON.parse(body) as { data: { count: number; title: string } }).data,
    )
    expect(first).toMatchObject({ count: 40, title: '40 × done' })
    expect(second).toMatchObject({ count: 3 })
  })

  test('what is answered at once is no news, and neither is what happened before there was a channel', async () => {
    await using world = await openWorld(open)
    await world.finishPrompts(2)
    await world.round()
    await world.channel('webhook')

    const session = storedSession({ name: 'w1', state: 'permission' })
    await world.database.write((db) => saveSession(db, { ...session, seenAt: world.now }))
    const { task } = await askHuman(
      world.database,
      { node: 'test', session: 'w1', question: 'Now?' },
      world.now,
    )
    await answerHuman(world.database, task.id, { answer: 'yes', by: 'anna' }, world.now)
    await world.round()
    await world.database.write((db) => saveSession(db, { ...session, state: 'busy' }))
    await world.round(settleMs)
    await world.round(coalesceMs)

    expect(world.calls).toEqual([])
  })

  test('quiet hours hold back what is not urgent until their end', async () => {
    await using world = await openWorld(open, Date.UTC(2026, 10, 21, 22, 30))
    await world.channel('webhook')
    await world.rules({
      quiet: { from: '23:00', to: '07:00', timeZone: 'Europe/Berlin', urgentThrough: true },
      publicUrl: null,
    })

    await world.finishPrompts(2)
    await askHuman(world.database, { node: 'test', session: 'w1', question: 'Urgent?' }, world.now)
    await world.round()
    const atNight = world.calls.map(({ body }) => (JSON.parse(body) as { type: string }).type)
    await world.round(7 * 3_600_000)
    const before = world.calls.length
    await world.round(30 * 60_000)

    expect(atNight).toEqual(['architect.needs_person'])
    expect(before).toBe(1)
    expect(world.calls[1]?.body).toContain('2 × done')
  })

  test('a receiver that is down gets the same message with the same id again', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')
    world.answer = (response) => response.writeHead(500).end()

    await world.finishPrompts(1)
    await world.round()
    await world.round(1_000)
    world.answer = (response) => response.writeHead(204).end()
    await world.round(5_000)
    await world.round(3_600_000)

    expect(world.calls).toHaveLength(2)
    expect(new Set(world.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(world.calls.map(({ headers }) => headers['webhook-signature'])).size).toBe(2)
    const [delivery] = await listDeliveries(world.database.kysely, { limit: 5 })
    expect(delivery?.log.map(({ status }) => status)).toEqual([500, 204])
  })

  test('a process that dies between sending and noting it loses nothing', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')
    await world.finishPrompts(1)
    await collectNotices(world.database, world.now)
    await composeDeliveries(world.database, world.now)

    const [claimed] = await world.database.write((db) => claimDeliveries(db, 4, 30_000, world.now))
    await world.round(1_000)
    const meanwhile = world.calls.length
    await world.round(30_000)

    expect(meanwhile).toBe(0)
    expect(world.calls.map(({ headers }) => headers['webhook-id'])).toEqual([claimed?.messageId])
  })

  test('two processes tell each event once', async () => {
    await using world = await openWorld(open)
    const other = await world.store.openAgain()
    await world.channel('webhook')
    await world.finishPrompts(30)

    for (const _ of [1, 2, 3]) {
      await Promise.all([world.database, other].map((database) => collectNotices(database, world.now)))
      await Promise.all([world.database, other].map((database) => composeDeliveries(database, world.now)))
    }
    await Promise.all(
      [world.database, other].map((database) => sendDeliveries({ database, clock: world.clock })),
    )

    const counts = world.calls.map(({ body }) => (JSON.parse(body) as { data: { count: number } }).data.count)
    expect(counts).toEqual([30])
  })

  test('of what two processes are about to tell, the one that is second tells what is left', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')
    await world.finishPrompts(3)
    await collectNotices(world.database, world.now)
    const [first] = await dueNotices(world.database.kysely, world.now)
    const second = afterOthersWrote(world.database, (db) => dropNotices(db, [first!.id]))

    await composeDeliveries(second, world.now)

    const [delivery] = await listDeliveries(world.database.kysely, { limit: 5 })
    expect(delivery).toMatchObject({ count: 2, title: '2 × done' })
  })

  test('a channel that is switched off tells neither what is due nor what is tried again', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')
    const [channel] = await listChannels(world.database.kysely)
    world.answer = (response) => response.writeHead(500).end()
    await world.finishPrompts(1)
    await world.round()
    await world.finishPrompts(1)
    await collectNotices(world.database, world.now)

    await world.database.write((db) => changeChannel(db, channel!.id, { enabled: false }, world.now))
    await world.round(coalesceMs)
    await world.database.write((db) => changeChannel(db, channel!.id, { enabled: true }, world.now))
    await world.round(3_600_000)

    expect(world.calls).toHaveLength(1)
    const deliveries = await listDeliveries(world.database.kysely, { limit: 5 })
    expect(deliveries).toEqual([
      expect.objectContaining({ state: 'failed', failure: 'the channel is switched off' }),
    ])
  })

  test('a redirect is not followed, and an answer without end is not read', async () => {
    await using world = await openWorld(open)
    await world.channel('webhook')
    world.answer = (response) => response.writeHead(302, { location: `${world.url}/elsewhere` }).end()
    await world.finishPrompts(1)
    await world.round()
    world.answer = (response) => {
      response.writeHead(200)
      const pump = () => void (response.destroyed || (response.write('x'.repeat(65_536)), setImmediate(pump)))
      pump()
    }
    await world.round(5_000)

    expect(world.calls.map(({ path }) => path)).toEqual(['/hook', '/hook'])
    const [delivery] = await listDeliveries(world.database.kysely, { limit: 5 })
    expect(delivery?.log[0]?.failure).toContain('redirects are not followed')
  })

  test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0.0.0.0'])(
    'the private address %s is refused without a connection',
    async (host) => {
      await using world = await openWorld(open)
      await world.channel('webhook', { url: `http://${host}:${world.port}/hook`, allowPrivate: false })

      const [channel] = await listChannels(world.database.kysely)
      await sendTest(world.database, channel!.id, world.now)
      await world.round()

      const [delivery] = await listDeliveries(world.database.kysely, { limit: 5 })
      expect(delivery).toMatchObject({
        state: 'failed',
        failure: expect.stringContaining('of this machine or of its networks'),
      })
      expect(world.connections).toBe(0)
    },
  )

  test('browsers are told by the event log', async () => {
    await using world = await openWorld(open)
    await world.channel('browser', { url: null })
    await world.finishPrompts(1)

    await world.round()

    const events = await eventsAfter(world.database.kysely, 0, { limit: 50, noun: 'notification' })
    expect(events.at(-1)).toMatchObject({
      type: 'show',
      data: { kind: 'done', title: '✓ Prompt 1 is done', count: 1 },
    })
  })
})

test.each([
  'ftp://x/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://user:pw@example.org/',
  'nothing',
  '',
])('the address %j is refused at once', async (url) => {
  await using world = await openWorld(databases[0]!.open)

  await expect(world.channel('webhook', { url })).rejects.toMatchObject({ code: 'invalid' })
})

/** A process that reads, and writes only when another one has written in between. */
function afterOthersWrote(database: Database, others: (db: Db) => Promise<unknown>): Database {
  const write: Database['write'] = async (work) => {
    await database.write(others)
    return database.write(work)
  }
  return Object.assign(Object.create(database) as Database, { write })
}

interface Call {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

interface World extends AsyncDisposable {
  store: TestStore
  database: Database
  clock: Clock
  now: number
  url: string
  port: number
  calls: Call[]
  connections: number
  answer: (response: ServerResponse) => unknown
  channel(kind: 'webhook' | 'ntfy' | 'browser', more?: object): Promise<{ secret: string | null }>
  rules(rules: Parameters<typeof setNotificationRules>[1]): Promise<void>
  finishPrompts(count: number): Promise<void>
  /** All of what the assigner does about it, once. */
  round(laterMs?: number): Promise<void>
}

async function openWorld(open: () => Promise<TestStore>, now = Date.now()): Promise<World> {
  const store = await open()
  const { database } = store
  const server = createServer((request, response) => void receive(world, request, response))
  server.on('connection', () => (world.connections += 1))
  await once(server.listen(0), 'listening')
  const { port } = server.address() as AddressInfo
  const world: World = {
    store,
    database,
    now,
    clock: { now: () => world.now, sleep: () => Promise.resolve() },
    url: `http://127.0.0.1:${port}`,
    port,
    calls: [],
    connections: 0,
    answer: (response) => response.writeHead(200).end(),
    channel: (kind, more = {}) =>
      openChannel(
        database,
        {
          kind,
          name: kind,
          url: `http://127.0.0.1:${port}/hook`,
          secret: null,
          kinds: all,
          allowPrivate: true,
          ...more,
        },
        world.now,
      ),
    rules: (rules) => database.write((db) => setNotificationRules(db, rules, world.now)),
    async finishPrompts(count) {
      for (let n = 0; n < count; n++) {
        await database.write(async (db) => {
          const { prompt } = await submitPrompt(db, { content: 'x' }, world.now)
          await advancePrompt(db, prompt.id, 'assign', {}, world.now)
          await advancePrompt(db, prompt.id, 'finish', {}, world.now)
        })
      }
    },
    async round(laterMs = 0) {
      world.now += laterMs
      await collectNotices(database, world.now)
      await composeDeliveries(database, world.now)
      await sendDeliveries({ database, clock: world.clock })
    },
    async [Symbol.asyncDispose]() {
      await end(server)
      await store[Symbol.asyncDispose]()
    },
  }
  await world.round()
  return world
}

async function receive(world: World, request: IncomingMessage, response: ServerResponse) {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  world.calls.push({ path: request.url ?? '', headers: request.headers, body })
  world.answer(response)
}

async function end(server: Server) {
  server.closeAllConnections()
  await once(server.close(), 'close')
}
