import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashSecret } from '../../accounts/secret.ts'
import { giveSessionToken } from '../../accounts/session-token.ts'
import { findSessionToken } from '../../db/account/session-tokens.ts'
import { listActivity } from '../../db/activity.ts'
import { registerProcess } from '../../db/processes.ts'
import { getPrompt } from '../../db/prompts.ts'
import { setSessionSettings } from '../../db/session-settings.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'
import { startScriptedAgent, type ScriptedAgent } from '../../testing/scripted-agent/scripted-agent.ts'
import { waitFor } from '../../testing/wait-for.ts'
import type { TmuxSession } from '../tmux-sessions.ts'

/** What the replies here hold, each some of it. */
interface Body {
  success: boolean
  items: TmuxSession[]
  count: number
  output: string
  prompt_id: number
  prompt_ids: number[]
  sessions: string[]
  session: string
  pane_id: string
  error: { code: string; message: string }
}

let dashboard: TestDashboard
let client: Client
let ada: ScriptedAgent

beforeAll(async () => {
  dashboard = await startDashboard()
  client = await dashboard.token(['read', 'sessions', 'prompts'], 'operator')
  ada = await startScriptedAgent(dashboard.server, { name: 'ada', behaviour: {} })
  await startScriptedAgent(dashboard.server, { name: 'bob', behaviour: {} })
  await dashboard.server.open({ name: 'shell', command: ['sh'] })
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const post = (path: string, body: object = {}) => client.send<Body>('POST', path, body)

async function screen(session: string, has: string): Promise<string> {
  return waitFor(async () => {
    const { body } = await post('/api/tmux/capture', { session, lines: 20 })
    return body.output.includes(has) ? body.output : null
  }, `"${has}" on the screen of ${session}`)
}

describe('sessions', () => {
  test('are listed with and without an agent, however often they are asked for', async () => {
    for (const path of ['/api/tmux/sessions', '/api/tmux/sessions']) {
      const { body } = await client.get<Body>(path)
      expect(body.items.map(({ name, agent }) => [name, agent])).toEqual([
        ['ada', 'scripted'],
        ['bob', 'scripted'],
        ['shell', null],
      ])
    }
    const { body } = await post('/api/tmux/sessions/refresh')
    expect(body).toMatchObject({ success: true, count: 3 })
    expect(body.items[0]).toMatchObject({ state: 'idle', panes: [{ agent: 'scripted', dead: false }] })
  })

  test('are made, read and ended', async () => {
    const made = await post('/api/tmux/create', {
      session_name: 'made here',
      dir: '/',
      command: 'echo "it works: $GREETING"; cat',
      env: { GREETING: 'a b' },
      tags: ['web'],
    })
    const twice = await post('/api/tmux/create', { session_name: 'made here' })
    await screen('made here', 'it works: a b')
    const ended = await post('/api/tmux/kill', { session_name: 'made here' })
    const gone = await post('/api/tmux/kill', { session_name: 'made here' })

    expect(made.body).toMatchObject({ success: true, session: 'made here' })
    expect(twice.status).toBe(409)
    expect(ended.status).toBe(200)
    expect(gone.status).toBe(404)
    const log = await listActivity(dashboard.web.database.kysely, { limit: 10, actorKinds: ['token'] })
    expect(log.map(({ type }) => type).toReversed()).toEqual(['create', 'settings', 'kill'])
  })

  test('keep their token when somebody wants another one of their name', async () => {
    const { database, clock, host } = dashboard.web
    const process = { id: 'd', kind: 'dashboard', pid: 1, host: hostname(), version: '1' }
    const address = 'http://127.0.0.1:8080/'
    await database.write((db) => registerProcess(db, { ...process, address, startedAt: clock.now() }))
    const token = await giveSessionToken(database, { node: host.node, name: 'ada' }, clock.now())

    const refused = await post('/api/tmux/create', { session_name: 'ada', agent: 'claude' })

    expect(refused).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('already') } },
    })
    expect(await findSessionToken(database.kysely, hashSecret(token), clock.now())).not.toBeNull()
  })

  test.each([
    ['/api/tmux/create', { session_name: 'a:b' }, 400],
    ['/api/tmux/create', { session_name: 'x', dir: '/nowhere' }, 400],
    ['/api/tmux/create', { session_name: 'x', dir: 'relative' }, 400],
    ['/api/tmux/create', { session_name: 'x', agent: 'nobody' }, 400],
    ['/api/tmux/create', { session_name: 'x', agent: 'claude', command: 'sh' }, 400],
    ['/api/tmux/create', { session_name: 'x', env: { 'A=B': '1' } }, 400],
    ['/api/tmux/kill', { session_name: 'ghost' }, 404],
    ['/api/tmux/capture', { session: 'ghost' }, 404],
    ['/api/tmux/capture', { session: 'shell', lines: 0 }, 400],
    ['/api/tmux/send', { session: 'shell' }, 400],
    ['/api/tmux/send', { session: 'shell', command: 'x', keys: ['C-c'] }, 400],
    ['/api/tmux/send', { session: 'shell', keys: ['C-c; kill-server'] }, 400],
    ['/api/tmux/send', { session: 'ghost', command: 'x' }, 404],
  ])('%s refuses %j with %i', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status)
  })
})

describe('a command', () => {
  test('is typed into a shell as it is', async () => {
    const { status } = await post('/api/tmux/send', {
      session: 'shell',
      command: `printf '%s|' "a;b" '#{pane_id}' \\; $((40+2))`,
    })

    expect(status).toBe(200)
    await screen('shell', 'a;b|#{pane_id}|;|42|')
  })

  test('waits for its Enter where none is wanted, and keys are keys', async () => {
    await post('/api/tmux/send', { session: 'shell', command: 'echo never', enter: false })
    await screen('shell', 'echo never')
    await post('/api/tmux/send', { session: 'shell', keys: ['C-u'] })
    await post('/api/tmux/send', { session: 'shell', command: 'echo after' })

    expect(await screen('shell', '\nafter')).not.toContain('\nnever')
  })

  test('does not go into an agent by accident', async () => {
    const refused = await post('/api/tmux/send', { session: 'ada', command: 'hello' })
    const meant = await post('/api/tmux/send', { session: 'ada', command: 'typed by hand', raw: true })

    expect(refused.body.error).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/"raw": true/),
    })
    expect(meant.status).toBe(200)
    await ada.witness(({ type, text }) => type === 'prompt' && text === 'typed by hand')
    expect(await ada.prompts()).toEqual(['typed by hand'])
  })
})

describe('agents', () => {
  test('are listed without the shells', async () => {
    const { body } = await client.get<Body>('/api/agents')

    expect(body.items.map(({ name }) => name)).toEqual(['ada', 'bob'])
  })

  test('are explained from a look of this moment', async () => {
    const { body } = await client.get<object>('/api/agents/explain?session=bob')
    const nobody = await client.get('/api/agents/explain?session=ghost')

    expect(body).toMatchObject({
      session_name: 'bob',
      reading: { agent: 'scripted', state: 'idle', accepts_prompt: true, evidence: expect.any(Array) },
    })
    expect(nobody.status).toBe(404)
  })

  test('get a message as a prompt of the queue', async () => {
    const { body } = await post('/api/agents/send', { session: 'bob', message: 'Hello', priority: 3 })
    const nobody = await post('/api/agents/send', { session: 'shell', message: 'Hello' })

    const prompt = await getPrompt(dashboard.web.database.kysely, body.prompt_id)
    expect(prompt).toMatchObject({
      content: 'Hello',
      priority: 3,
      target: { session: 'bob' },
      state: 'pending',
    })
    expect(nobody.status).toBe(409)
  })

  test('all get a broadcast, each a prompt of its own, but for those that are ignored', async () => {
    const { database, host } = dashboard.web
    const all = await post('/api/agents/broadcast', { message: 'Good morning' })
    await database.write((db) =>
      setSessionSettings(db, { node: host.node, name: 'ada' }, { ignored: true }, Date.now()),
    )
    const rest = await post('/api/agents/broadcast', { message: 'Psst', agent: 'scripted' })
    const none = await post('/api/agents/broadcast', { message: 'x', tag: 'nobody has it' })

    expect(all.body.sessions).toEqual(['ada', 'bob'])
    expect(all.body.prompt_ids).toHaveLength(2)
    expect(rest.body.sessions).toEqual(['bob'])
    expect(none.status).toBe(409)
  })
})

test('prompts may be sent with the scope for prompts, keys only with the one for sessions', async () => {
  const prompts = await dashboard.token(['prompts'], 'operator')

  const replies = await Promise.all([
    prompts.send('POST', '/api/agents/send', { session: 'bob', message: 'x' }),
    prompts.send('POST', '/api/tmux/send', { session: 'shell', command: 'x' }),
    prompts.send('POST', '/api/tmux/kill', { session_name: 'shell' }),
    prompts.send('POST', '/api/tmux/capture', { session: 'shell' }),
  ])

  expect(replies.map(({ status }) => status)).toEqual([200, 403, 403, 403])
})
