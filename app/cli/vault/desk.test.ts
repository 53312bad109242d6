import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { vaultDesks } from './desk.ts'

let dashboard: TestDashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe.each(bothSides(vaultDesks, () => dashboard, ['read', 'secrets'], 'admin'))(
  'at $name',
  ({ name, open }) => {
    const mine = `TOKEN_${name.length}`

    test('a secret is stored, changed, given, rolled back and deleted', async () => {
      const desk = await open()

      const first = await desk.set({ name: mine, value: 'one', category: 'token', description: 'x' })
      const second = await desk.set({ name: mine, value: 'two', expiresAt: 4_000_000_000_000 })
      const given = await desk.give([{ variable: 'T', name: mine }], 'a test')
      const earlier = await desk.get(mine, 1)
      const back = await desk.rollBack(mine, 1)
      const listed = await desk.list({ category: 'token' })
      await desk.remove(mine)

      expect([first.version, second.version, back.version]).toEqual([1, 2, 3])
      expect(second).toMatchObject({ category: 'token', description: 'x', expiresAt: 4_000_000_000_000 })
      expect([given, earlier]).toEqual([{ T: 'two' }, 'one'])
      expect(listed).toMatchObject([{ name: mine, accessCount: 2 }])
      await expect(desk.get(mine)).rejects.toMatchObject({ code: 'not_found' })
    })
  },
)
