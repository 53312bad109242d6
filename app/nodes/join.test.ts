import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../core/clock.ts'
import { readInvitation } from '../core/join-token.ts'
import { nodeProtocol } from '../core/node.ts'
import { listNodeKeys } from '../db/node/keys.ts'
import { findNode, getNode, listNodes } from '../db/node/read.ts'
import { addNode } from '../db/node/write.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { authenticateNode } from './authenticate.ts'
import { inviteNode, type InvitationRequest } from './invite.ts'
import { redeemJoinToken, type JoinRequest } from './join.ts'
import { issueNodeKey, revokeNode, rotateNodeKey } from './keys.ts'
import type { NodeRecords } from './tools.ts'

describe.each(databases)('joining, on $name', ({ open }) => {
  let store: TestStore
  let tools: NodeRecords
  let now = 1_000_000

  beforeEach(async () => {
    now = 1_000_000
    const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
    store = await open({ clock })
    tools = { database: store.database, clock }
  })
  afterEach(() => store[Symbol.asyncDispose]())

  const plain = { name: null, tags: [], by: 'me', url: null, fingerprint: null }
  const invite = async (request: Partial<InvitationRequest> = {}) =>
    (await inviteNode(tools, { ...plain, ...request })).token
  const join = (token: string, request: Partial<JoinRequest> = {}) =>
    redeemJoinToken(tools, { token, name: 'pi-1', protocol: nodeProtocol, agentVersion: '1.0.0', ...request })
  const enter = (key: string, more: object = {}) =>
    authenticateNode(tools, { key, protocol: nodeProtocol, agentVersion: '1.0.0', ...more })
  const keysOf = async (name: string) =>
    listNodeKeys(store.database.kysely, (await getNode(store.database.kysely, name)).id)

  test('an invited machine gets a key of its own, and its tags', async () => {
    const { nodeId, key } = await join(await invite({ tags: ['arm', 'arm', 'lab'] }))

    const node = await enter(key, { name: 'pi-1', id: nodeId })

    expect(node).toMatchObject({
      id: nodeId,
      name: 'pi-1',
      kind: 'agent',
      state: 'expected',
      tags: ['arm', 'lab'],
    })
    expect(JSON.stringify(await keysOf('pi-1'))).not.toContain(key.slice(15))
  })

  test('the invitation carries the address and the fingerprint of the certificate', async () => {
    const fingerprint = 'ab'.repeat(32)
    const token = await invite({ url: 'https://10.0.0.5:8080', fingerprint })

    expect(readInvitation(` ${token}\n`)).toMatchObject({ url: 'https://10.0.0.5:8080', fingerprint })
    await expect(join(token)).resolves.toMatchObject({ name: 'pi-1' })
  })

  test('an invitation is good once, also for two that come at the same time', async () => {
    const token = await invite()

    const results = await Promise.allSettled([join(token, { name: 'pi-1' }), join(token, { name: 'pi-2' })])

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const failure = results.find((each) => each.status === 'rejected')!.reason as Error
    expect(failure).toMatchObject({ code: 'unauthorized', message: expect.stringContaining('nodes invite') })
    expect(await listNodes(store.database.kysely)).toHaveLength(1)
  })

  test('an invitation is good for 15 minutes', async () => {
    const token = await invite()
    now += 15 * 60_000

    await expect(join(token)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/15 minutes.*nodes invite/),
    })
  })

  test.each(['', 'archjoin_', `archjoin_${'x'.repeat(42)}`, `archjoin_${'x'.repeat(43)}.###`, 'arch_abc'])(
    'what is no invitation is said to be none: %j',
    async (token) => {
      await expect(join(token)).rejects.toMatchObject({ code: 'invalid' })
    },
  )

  test('an invitation of another dashboard is refused', async () => {
    await expect(join(`archjoin_${'x'.repeat(43)}`)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('a name that another machine has is refused, and the invitation stays good', async () => {
    await join(await invite())
    const token = await invite()

    await expect(join(token, { name: 'PI-1' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('nodes invite --name pi-1'),
    })
    await expect(join(token, { name: 'pi-2' })).resolves.toMatchObject({ name: 'pi-2' })
  })

  test('a machine that joins again by its name gets another key, and the old one ends', async () => {
    const first = await join(await invite())

    const second = await join(await invite({ name: 'pi-1' }))

    expect(second.nodeId).toBe(first.nodeId)
    await expect(enter(first.key)).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(enter(second.key)).resolves.toMatchObject({ name: 'pi-1' })
  })

  test('an invitation for one name is not good for another', async () => {
    await expect(join(await invite({ name: 'pi-7' }))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('--name pi-7'),
    })
  })

  test("nobody becomes the dashboard's own machine", async () => {
    await store.database.write((db) => addNode(db, { name: 'pi-1', kind: 'dashboard', tags: [] }, now))

    await expect(join(await invite({ name: 'pi-1' }))).rejects.toMatchObject({ code: 'conflict' })
  })

  test.each([
    [nodeProtocol + 1, /Upgrade the dashboard/],
    [0, /Upgrade the node/],
  ])('protocol %i is refused with the side to upgrade', async (protocol, says) => {
    const token = await invite()

    await expect(join(token, { protocol })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(says),
    })
    const { key } = await join(token)
    await expect(enter(key, { protocol })).rejects.toThrow(says)
  })

  test('a key speaks for its own node only', async () => {
    const one = await join(await invite())
    const two = await join(await invite(), { name: 'pi-2' })

    await expect(enter(one.key, { name: 'pi-2' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(enter(one.key, { id: two.nodeId })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(enter(one.key, { name: 'pi-1', id: two.nodeId })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test.each(['', 'archnode_', `archnode_${'x'.repeat(43)}`, 'arch_x'])('%j opens nothing', async (key) => {
    await expect(enter(key)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('a revoked node is out at once, and comes back by an invitation for it only', async () => {
    const { key, nodeId } = await join(await invite())
    await revokeNode(tools, await getNode(store.database.kysely, nodeId), 'stolen')

    await expect(enter(key)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('revoked'),
    })
    await expect(join(await invite())).rejects.toMatchObject({ code: 'conflict' })
    const back = await join(await invite({ name: 'pi-1' }))
    await expect(enter(back.key)).resolves.toMatchObject({ id: nodeId, state: 'expected' })
    await expect(enter(key)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('a new key takes the place of the old one when it is used for the first time', async () => {
    const { key, nodeId } = await join(await invite())
    await rotateNodeKey(tools, await getNode(store.database.kysely, nodeId))
    expect((await enter(key)).rotateKey).toBe(true)

    const next = await issueNodeKey(tools, await getNode(store.database.kysely, nodeId))

    await expect(enter(key)).resolves.toMatchObject({ rotateKey: false })
    await expect(enter(next)).resolves.toMatchObject({ id: nodeId })
    await expect(enter(key)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('a newer key took its place'),
    })
  })

  test('what a node says about itself is kept', async () => {
    const { key } = await join(await invite())

    await enter(key, { agentVersion: '2.0.0', clockOffsetMs: 3_600_000.4 })

    expect(await findNode(store.database.kysely, 'PI-1')).toMatchObject({
      agentVersion: '2.0.0',
      clockOffsetMs: 3_600_000,
    })
  })
})
