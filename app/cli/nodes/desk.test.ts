import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readInvitation } from '../../core/join-token.ts'
import { nodeProtocol } from '../../core/node.ts'
import { redeemJoinToken } from '../../nodes/join.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { nodeDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe.each(bothSides(nodeDesks, () => dashboard, ['read', 'sessions', 'admin'], 'admin'))(
  'at $name',
  ({ name: side, open }) => {
    const called = (name: string) => `${name}-${side.includes('another') ? 'far' : 'near'}`
    const join = (token: string, name: string) =>
      redeemJoinToken(dashboard.web, { token, name, protocol: nodeProtocol, agentVersion: '1' })

    test('a machine is invited, joins, is shown, gets another key, and is shut out', async () => {
      const desk = await open()
      const name = called('pi')

      const { token, command, invitation } = await desk.invite({
        name,
        tags: ['arm'],
        url: 'http://10.0.0.1:8080',
      })
      await join(token, name)
      const { node, keys } = await desk.show(name)

      expect(command).toContain(`--dashboard http://10.0.0.1:8080 --token ${token} --name ${name}`)
      expect(readInvitation(token).url).toBe('http://10.0.0.1:8080')
      expect(invitation).toMatchObject({ name, tags: ['arm'], usedAt: null })
      expect(node).toMatchObject({ name, tags: ['arm'], kind: 'agent', sessions: 0, latest: null })
      expect(keys).toMatchObject([{ usedAt: null, endedAt: null }])
      expect(await desk.rotateKey(String(node.id))).toMatchObject({ key: null })
      expect((await desk.show(name)).node.rotateKey).toBe(true)
      expect(await desk.revoke(name, 'lost')).toMatchObject({ state: 'revoked', reason: 'lost' })
      expect((await desk.show(name)).keys).toMatchObject([{ endedReason: 'the node was revoked' }])
    })

    test('a machine without an agent is added with a key, maintained, found and forgotten', async () => {
      const desk = await open()
      const name = called('nas')

      const { node, key } = await desk.add({ name, tags: ['lab'] })
      expect(key).toMatch(/^archnode_/)
      expect((await desk.list({ tag: 'lab', text: name })).map((each) => each.id)).toEqual([node.id])
      expect((await desk.maintain(name, 30)).maintenanceUntil).toBeGreaterThan(Date.now() + 29 * 60_000)
      expect((await desk.maintain(name, 0)).maintenanceUntil).toBeNull()
      expect((await desk.rotateKey(name)).key).toMatch(/^archnode_/)

      await desk.remove(name)

      await expect(desk.show(name)).rejects.toMatchObject({ code: 'not_found' })
      await expect(desk.revoke(name, null)).rejects.toMatchObject({ code: 'not_found' })
    })

    test('a name that is taken, or none, is refused', async () => {
      const desk = await open()
      const name = called('twice')
      await desk.add({ name, tags: [] })

      await expect(desk.add({ name, tags: [] })).rejects.toMatchObject({ code: 'conflict' })
      await expect(desk.add({ name: 'a/b', tags: [] })).rejects.toMatchObject({ code: 'invalid' })
      await expect(desk.invite({ name: null, tags: ['a b'], url: null })).rejects.toMatchObject({
        code: 'invalid',
      })
    })
  },
)
