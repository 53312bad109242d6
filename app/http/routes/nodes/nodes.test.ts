import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noFacts, nodeProtocol } from '../../../core/node.ts'
import { introduceNode } from '../../../db/node/write.ts'
import { redeemJoinToken } from '../../../nodes/join.ts'
import { clientOf, startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'

let dashboard: TestDashboard
let admin: Client
let viewer: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  admin = await dashboard.signIn('admin')
  viewer = await dashboard.signIn('viewer')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const withKey = (key: string) => clientOf(dashboard.url, { Authorization: `Bearer ${key}` })
async function addNode(name: string, more: object = {}) {
  const { status, body } = await admin.send<{ node: { id: number }; key: string }>('POST', '/api/nodes', {
    name,
    ...more,
  })
  expect(status).toBe(201)
  return { id: body.node.id, key: body.key, node: withKey(body.key) }
}

describe('a machine without a node agent', () => {
  test('reports by plain HTTP, and is shown with what it says', async () => {
    const { id, node } = await addNode('nas', { tags: ['lab'] })
    expect((await viewer.get('/api/nodes/nas')).body).toMatchObject({ state: 'expected', latest: null })

    const beat = await node.send('POST', `/api/nodes/${id}/heartbeat`, {
      cpu_percent: 12.5,
      memory_percent: 40,
      disk_percent: 80,
      temperature: 44,
      load_average: 0.5,
      something_else: true,
    })

    expect(beat).toMatchObject({ status: 200, body: { success: true, state: 'online', next_in_seconds: 10 } })
    expect((await viewer.get('/api/nodes/NAS')).body).toMatchObject({
      id,
      state: 'online',
      kind: 'script',
      tags: ['lab'],
      latest: { sample: { cpu: 12.5, temp: 44, load: [0.5, 0.5, 0.5], disks: [['/', 80, 100]] } },
    })
    expect((await viewer.get(`/api/nodes/${id}/metrics?span=1h&figure=cpu,disk`)).body).toMatchObject({
      step_ms: 10_000,
      figures: { cpu: { mean: [12.5] }, disk: { mean: [80], highest: [80] } },
    })
  })

  test('only says that it lives, without any figure', async () => {
    const { id, node } = await addNode('quiet')

    expect((await node.send('POST', `/api/nodes/${id}/heartbeat`)).status).toBe(200)
    expect((await node.send('POST', '/api/nodes/quiet/heartbeat', {})).status).toBe(200)
    expect((await viewer.get('/api/nodes/quiet')).body).toMatchObject({ state: 'online', latest: null })
  })

  test('speaks for nobody else, and its key opens nothing else', async () => {
    const one = await addNode('one')
    const two = await addNode('two')

    expect(await one.node.send('POST', `/api/nodes/${two.id}/heartbeat`, {})).toMatchObject({
      status: 403,
      body: { error: { message: "That is the key of one: it can't speak for two." } },
    })
    expect((await one.node.get('/api/nodes')).status).toBe(403)
    expect((await one.node.get('/metrics')).status).toBe(403)
    expect((await one.node.fetch('/', { headers: { Accept: 'text/html' } })).status).toBe(403)
    expect((await admin.send('POST', `/api/nodes/${one.id}/heartbeat`, {})).status).toBe(403)
  })

  test.each([
    { cpu_percent: 101 },
    { cpu_percent: 'x' },
    { temperature: 1e9 },
    { load_average: [1, 2] },
    { sample: { at: -1 } },
    { sample: { at: 1, disks: Array.from({ length: 17 }, () => ['/', 1, 2]) } },
    { sample: { at: 1, sessions: Array.from({ length: 257 }, (_, at) => [`s/${at}`, 1, 2]) } },
  ])('nonsense is refused and changes nothing: %j', async (body) => {
    const { id, node } = await addNode(`x${Math.random().toString(36).slice(2)}`)

    expect((await node.send('POST', `/api/nodes/${id}/heartbeat`, body)).status).toBe(400)
    expect((await viewer.get(`/api/nodes/${id}`)).body).toMatchObject({ state: 'expected' })
  })

  test('a revoked key is worth nothing at once, and the answer says what to do', async () => {
    const { id, node } = await addNode('thief')
    await node.send('POST', `/api/nodes/${id}/heartbeat`, {})

    expect((await admin.send('POST', `/api/nodes/${id}/revoke`, { reason: 'stolen' })).status).toBe(200)

    expect(await node.send('POST', `/api/nodes/${id}/heartbeat`, {})).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining('nodes invite --name thief') } },
    })
    expect((await viewer.get(`/api/nodes/${id}`)).body).toMatchObject({ state: 'revoked', reason: 'stolen' })
  })

  test('gets another key in the answer, and the first use of it ends the old one', async () => {
    const { id, key, node } = await addNode('rotated')

    const { body } = await admin.send<{ key: string }>('POST', `/api/nodes/${id}/rotate-key`)
    expect((await node.send('POST', `/api/nodes/${id}/heartbeat`, {})).status).toBe(200)
    expect((await withKey(body.key).send('POST', `/api/nodes/${id}/heartbeat`, {})).status).toBe(200)

    expect((await node.send('POST', `/api/nodes/${id}/heartbeat`, {})).status).toBe(401)
    const keys = await admin.get<{ items: { ended_reason: string | null }[] }>(`/api/nodes/${id}/keys`)
    expect(keys.body.items.map((each) => each.ended_reason)).toEqual([null, 'a newer key took its place'])
    expect(JSON.stringify(keys.body)).not.toContain(key.slice(14))
  })
})

describe('invitations', () => {
  test('show the command with the token, which lets a machine join', async () => {
    const { status, body } = await admin.send<{ token: string; command: string }>(
      'POST',
      '/api/nodes/invitations',
      { tags: ['arm'], url: 'https://pi-1:8443/' },
    )
    expect(status).toBe(201)
    expect(body.command).toBe(
      `./deploy.sh node-agent --dashboard https://pi-1:8443 --token ${body.token} --daemon`,
    )

    const { nodeId } = await redeemJoinToken(dashboard.web, {
      token: body.token,
      name: 'pi-9',
      protocol: nodeProtocol,
      agentVersion: '1',
    })

    expect((await viewer.get(`/api/nodes/${nodeId}`)).body).toMatchObject({ name: 'pi-9', tags: ['arm'] })
    const listed = await admin.get<{ items: { id: number; node_id: number }[] }>('/api/nodes/invitations')
    expect(listed.body.items[0]).toMatchObject({ node_id: nodeId, used_at: expect.any(Number) })
    expect(JSON.stringify(listed.body)).not.toContain(body.token.slice(13, 40))
    const { id } = listed.body.items[0]!
    expect((await admin.send('DELETE', `/api/nodes/invitations/${id}`)).status).toBe(404)
  })

  test('that nobody used can be ended', async () => {
    const made = await admin.send<{ invitation: { id: number }; token: string }>(
      'POST',
      '/api/nodes/invitations',
      {},
    )

    await admin.send('DELETE', `/api/nodes/invitations/${made.body.invitation.id}`)

    const request = { token: made.body.token, name: 'late', protocol: nodeProtocol, agentVersion: null }
    await expect(redeemJoinToken(dashboard.web, request)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test.each([
    { name: 'no spaces please' },
    { tags: ['a b'] },
    { url: 'javascript:alert(1)' },
    { url: 'ftp://x' },
  ])('nonsense is refused: %j', async (body) => {
    expect((await admin.send('POST', '/api/nodes/invitations', body)).status).toBe(400)
  })

  test('are for administrators', async () => {
    const operator = await dashboard.signIn('operator')

    expect((await operator.send('POST', '/api/nodes/invitations', {})).status).toBe(403)
    expect((await viewer.get('/api/nodes/invitations')).status).toBe(403)
  })
})

describe('the list', () => {
  test('goes on where a page ended, and finds by word, tag and state', async () => {
    for (let number = 1; number <= 5; number += 1)
      await addNode(`rack-${number}`, { tags: [number > 3 ? 'gpu' : 'cpu_1'] })
    const names = async (query: string) => {
      const { body } = await viewer.get<{ items: { name: string }[]; next_cursor: number | null }>(
        `/api/nodes?${query}`,
      )
      return { names: body.items.map(({ name }) => name), next: body.next_cursor }
    }

    expect(await names('q=rack&limit=3')).toEqual({ names: ['rack-1', 'rack-2', 'rack-3'], next: 3 })
    expect(await names('q=RACK&limit=3&cursor=3')).toEqual({ names: ['rack-4', 'rack-5'], next: null })
    expect((await names('tag=gpu')).names).toEqual(['rack-4', 'rack-5'])
    expect((await names('tag=cpu_1&state=online')).names).toEqual([])
    expect((await names(`q=${encodeURIComponent('%')}`)).names.length).toBeGreaterThan(0)
    expect((await viewer.get('/api/nodes?state=sleeping')).status).toBe(400)
  })

  test('a name that is nearly one is said', async () => {
    await addNode('kitchen')

    expect(await viewer.get('/api/nodes/kitchn')).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringMatching(/no node "kitchn".*kitchen/) } },
    })
  })
})

test('tags, limits, maintenance and ssh are changed one by one', async () => {
  const { id } = await addNode('changing')
  const change = (body: object) => admin.send('PATCH', `/api/nodes/${id}`, body)

  await change({ tags: ['a', 'a', 'b'] })
  await change({ limits: { prompts: 2 } })
  await change({ limits: { celsius: null } })
  await change({ ssh: { host: '10.0.0.9', port: 2222 } })
  await admin.send('POST', `/api/nodes/${id}/maintenance`, { minutes: 30 })

  expect((await viewer.get(`/api/nodes/${id}`)).body).toMatchObject({
    tags: ['a', 'b'],
    limits: { prompts: 2, celsius: null, memory_percent: 95 },
    ssh: { host: '10.0.0.9', port: 2222, user: null },
    maintenance_until: expect.any(Number),
  })
  expect((await change({ ssh: { host: 'a b\nProxyCommand rm' } })).status).toBe(400)
  expect((await change({ limits: { prompts: -1 } })).status).toBe(400)
  expect((await change({ nothing: 1 })).status).toBe(400)
  await admin.send('POST', `/api/nodes/${id}/maintenance`, { minutes: 0 })
  expect((await viewer.get(`/api/nodes/${id}`)).body).toMatchObject({ maintenance_until: null })
})

test('a removed machine is forgotten, and its name is free', async () => {
  const { id, node } = await addNode('gone')
  await node.send('POST', `/api/nodes/${id}/heartbeat`, { cpu_percent: 1 })

  expect((await admin.send('DELETE', '/api/nodes/gone')).status).toBe(200)

  expect((await viewer.get('/api/nodes/gone')).status).toBe(404)
  expect((await node.send('POST', `/api/nodes/${id}/heartbeat`, {})).status).toBe(401)
  const again = await addNode('gone')
  expect(again.id).not.toBe(id)
})

test('Prometheus reads all that can be counted, with a token', async () => {
  const { id, node } = await addNode('metered')
  await node.send('POST', `/api/nodes/${id}/heartbeat`, { cpu_percent: 33, temperature: 50 })
  const program = await dashboard.token(['read'], 'viewer')

  const response = await program.fetch('/metrics')
  const text = await response.text()

  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text).toContain('# TYPE architect_node_cpu_percent gauge\n')
  expect(text).toContain('architect_node_cpu_percent{node="metered"} 33\n')
  expect(text).toContain('architect_node_up{node="metered"} 1\n')
  expect(text).toContain('architect_prompts{state="pending"} 0\n')
  expect(text).toMatch(/^process_resident_memory_bytes \d{6,}$/m)
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|[a-z_0-9]+(\{[^{}]*\})? -?[\d.e+-]+)$/)
  }
  expect((await dashboard.anonymous.get('/metrics')).status).toBe(401)
})

describe('Termius', () => {
  test('the file is its template, and ssh obeys nothing that a node says', async () => {
    const { id } = await addNode('pi,"1"'.replaceAll(/[^a-z0-9]/g, ''), {
      tags: ['arm', 'lab'],
      ssh: { host: '10.0.0.7', port: 2200, user: 'pi' },
    })
    const evil = await addNode('evil')
    const facts = {
      hostname: 'evil\n    ProxyCommand rm -rf ~',
      addresses: ['10.0.0.1 -oProxyCommand=x', '-oProxyCommand=x', '10.6.6.6'],
      user: 'root\nHost *',
    }
    await dashboard.web.database.write((db) =>
      introduceNode(db, evil.id, { facts: { ...noFacts, ...facts } }),
    )
    await addNode('nowhere')

    const csv = await (await viewer.fetch('/api/termius/export')).text()
    const config = await (await viewer.fetch('/api/termius/export?format=ssh_config')).text()
    const preview = await viewer.get<{ hosts: object[]; left_out: object[] }>('/api/termius/preview')

    expect(csv.split('\r\n')[0]).toBe('Groups,Label,Tags,Hostname/IP,Protocol,Port,Username,Password')
    expect(csv).toContain('Architect,pi1,"arm,lab",10.0.0.7,ssh,2200,pi,\r\n')
    expect(csv).toContain('Architect,evil,,10.6.6.6,ssh,22,,\r\n')
    expect(config).toContain('# arm, lab\nHost pi1\n    HostName 10.0.0.7\n    Port 2200\n    User pi\n')
    expect(config).not.toMatch(/ProxyCommand|root|Host \*/)
    expect(preview.body.hosts).toContainEqual(expect.objectContaining({ node: 'pi1', port: 2200 }))
    expect(preview.body.left_out).toContainEqual({ node: 'nowhere', why: 'no address of it is known' })
    expect(id).toBeGreaterThan(0)
  })
})
