import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askOfDialog, seenDialog } from '../../broker/interactions/ask.ts'
import { openInteraction } from '../../db/interaction/open.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import { joinFarNode, type FarNode } from '../../testing/cluster/far-node.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'
import { startScriptedAgent, type ScriptedAgent } from '../../testing/scripted-agent/scripted-agent.ts'
import { waitFor } from '../../testing/wait-for.ts'
import type { TmuxSession } from '../tmux-sessions.ts'

/** What the replies here hold, each some of it. */
interface Body {
  items: TmuxSession[]
  node: string
  output: string
  session: string
  pane_id: string
  server: string
  reading: { agent: string; state: string }
  error: { code: string; message: string }
}

/** What is asked over HTTP of the tmux of another node. */
let dashboard: TestDashboard
let far: FarNode
let client: Client
let ada: ScriptedAgent
beforeAll(async () => {
  dashboard = await startDashboard()
  far = await joinFarNode(dashboard, 'pi')
  client = await dashboard.token(['read', 'sessions'], 'operator')
  ada = await startScriptedAgent(far.tmux, { name: 'ada', behaviour: {} })
  await far.tmux.open({ name: 'shell', command: ['sh'] })
  await dashboard.server.open({ name: 'shell', command: ['cat'] })
})
afterAll(async () => {
  await far[Symbol.asyncDispose]()
  await dashboard[Symbol.asyncDispose]()
})

const post = (path: string, body: object) => client.send<Body>('POST', path, body)

function screen(session: string, has: string, node = 'pi'): Promise<string> {
  return waitFor(async () => {
    const { body } = await post('/api/tmux/capture', { session, node, lines: 20 })
    return body.output.includes(has) ? body.output : null
  }, `"${has}" on the screen of ${session}`)
}

describe('sessions of another node', () => {
  test('are listed with its name, and not among those of this machine', async () => {
    const there = await client.get<Body>('/api/tmux/sessions?node=pi')
    const here = await client.get<Body>('/api/tmux/sessions')
    const looked = await post('/api/tmux/sessions/refresh', { node: 'pi' })

    expect(there.body.items.map(({ node, name, agent }) => [node, name, agent])).toEqual([
      ['pi', 'ada', 'scripted'],
      ['pi', 'shell', null],
    ])
    expect(here.body.items.map(({ node, name }) => [node, name])).toEqual([['test', 'shell']])
    expect(looked.body.items[0]).toMatchObject({ name: 'ada', state: 'idle' })
  })

  test('are read and typed into by node and name, in either way of saying so', async () => {
    const typed = await post('/api/tmux/send', { session: 'shell', node: 'pi', command: 'echo fr""om afar' })
    await screen('shell', 'from afar')
    const { body } = await post('/api/tmux/capture', { session: 'pi/shell' })

    expect(typed.body).toMatchObject({ success: true, node: 'pi', session: 'shell' })
    expect(body).toMatchObject({ node: 'pi', output: expect.stringContaining('from afar') })
    expect((await post('/api/tmux/capture', { session: 'shell' })).body.output).not.toContain('afar')
  })

  test('are not typed into past the queue while an agent is in them', async () => {
    const refused = await post('/api/tmux/send', { session: 'pi/ada', command: 'rm -rf /' })

    expect(refused).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/holds an agent/) } },
    })
    expect(await ada.prompts()).toEqual([])
  })

  test('are made there and ended there', async () => {
    const made = await post('/api/tmux/create', { session_name: 'made', node: 'pi', command: ['cat'] })
    const twice = await post('/api/tmux/create', { session_name: 'made', node: 'pi', command: ['cat'] })
    const here = await client.get<Body>('/api/tmux/sessions')
    const ended = await post('/api/tmux/kill', { session_name: 'made', node: 'pi' })

    expect(made.body).toMatchObject({ node: 'pi', session: 'made', server: far.tmux.socket.label })
    expect(twice.status).toBe(409)
    expect(here.body.items.map(({ name }) => name)).toEqual(['shell'])
    expect(ended).toMatchObject({ status: 200, body: { node: 'pi' } })
    expect(await far.tmux.run('list-sessions', '-F', '#{session_name}')).not.toContain('made')
  })

  test('find secrets of the vault in their environment, and tmux there knows none of them', async () => {
    const keeper = await dashboard.token(['read', 'sessions', 'secrets'], 'operator')
    await keeper.send('POST', '/api/secrets', { name: 'DEPLOY', value: "it's p1anted" })
    const session = {
      session_name: 'secretive',
      node: 'pi',
      command: ['sh', '-c', 'printf "<%s>" "$KEY" | rev; exec cat'],
      secrets: ['KEY=DEPLOY'],
    }

    const without = await post('/api/tmux/create', session)
    const made = await keeper.send<Body>('POST', '/api/tmux/create', session)

    expect(without).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringMatching(/scope "secrets"/) } },
    })
    expect(made).toMatchObject({ status: 200, body: { node: 'pi' } })
    await screen('secretive', ">detna1p s'ti<")
    const known = await Promise.all([
      far.tmux.run('show-environment', '-t', 'secretive'),
      far.tmux.run('list-panes', '-a', '-F', '#{pane_start_command}'),
    ])
    expect(known.join('')).not.toContain('p1anted')
    const { body } = await keeper.get('/api/vault/audit')
    expect(JSON.stringify(body)).toContain('session pi/secretive')
    await post('/api/tmux/kill', { session_name: 'secretive', node: 'pi' })
  })

  test('are explained by the node that reads them', async () => {
    const { body } = await client.get<Body>('/api/agents/explain?session=pi/ada')

    expect(body.reading).toMatchObject({ agent: 'scripted', state: 'idle' })
  })

  test('stay out of reach of who may only look', async () => {
    const viewer = await dashboard.token(['read', 'sessions'], 'viewer')
    const answers = await Promise.all([
      viewer.send('POST', '/api/tmux/send', { session: 'pi/shell', command: 'x' }),
      viewer.send('POST', '/api/tmux/create', { session_name: 'x', node: 'pi' }),
      viewer.send('POST', '/api/tmux/kill', { session_name: 'shell', node: 'pi' }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
  })
})

test('a node that nobody knows is named, with those that there are', async () => {
  const { status, body } = await post('/api/tmux/kill', { session_name: 'shell', node: 'pie' })

  expect(status).toBe(404)
  expect(body.error.message).toBe('There is no node "pie". Did you mean "pi"?')
})

describe('a dialog of a session of another node', () => {
  test('is answered from here, and the agent there takes it', async () => {
    const id = await askedThere()

    const { status } = await post(`/api/claude/interactions/${id}/handle`, { action: 'approve' })

    expect(status).toBe(200)
    expect(await getInteraction(dashboard.web.database.kysely, id)).toMatchObject({ state: 'answered' })
    await ada.witness(({ type }) => type === 'APPROVED')
  })

  test('that was replaced by another one is not answered', async () => {
    const id = await askedThere()
    await far.tmux.run('send-keys', '-t', ada.pane.paneId, 'Escape')
    await ada.tell({ events: [{ on: 'now', do: 'dialog', kind: 'question' }] })
    await screen('ada', 'Enter to choose')

    const { status, body } = await post(`/api/claude/interactions/${id}/handle`, { action: 'approve' })

    expect(status).toBe(409)
    expect(body.error.message).toMatch(/Nothing was answered/)
    await far.tmux.run('send-keys', '-t', ada.pane.paneId, 'Escape')
  })

  test('waits while the node is away, and nothing is decided', async () => {
    const id = await askedThere()
    await far.stopAgent()

    const { status, body } = await post(`/api/claude/interactions/${id}/handle`, { action: 'approve' })

    expect(status).toBe(503)
    expect(body.error.message).toMatch(/^pi has (just gone away|been away for \d+ s)\. Its sessions can be/)
    expect((await getInteraction(dashboard.web.database.kysely, id)).state).toBe('open')
    await far.startAgent()
    await far.tmux.run('send-keys', '-t', ada.pane.paneId, 'Escape')
  })
})

/** What its assigner would store of a dialog that `ada` opens now. */
async function askedThere(): Promise<number> {
  const { host, reader } = far.site
  await ada.tell({ events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
  return waitFor(async () => {
    const look = await host.look(ada.pane)
    const reading = reader.read(look)
    const dialog = reader.readDialog(look, reading)
    if (!dialog || reading.agent === null || reading.generation === null) return null
    const row = {
      ...askOfDialog(reading.agent, dialog),
      ...seenDialog(dialog, reader.dialogKeysOf(reading.agent)),
      sessionKey: `pi/${ada.pane.server}/${ada.pane.paneId}`,
      sessionName: 'ada',
      node: 'pi',
      generation: reading.generation,
      cwd: reading.cwd,
      promptId: null,
      callId: null,
    }
    const { database, clock } = dashboard.web
    return (await database.write((db) => openInteraction(db, row, clock.now()))).id
  }, 'the dialog of ada')
}
