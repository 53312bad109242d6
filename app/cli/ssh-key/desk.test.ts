import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { sshKeyDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe.each(bothSides(sshKeyDesks, () => dashboard, ['read', 'secrets'], 'admin'))(
  'at $name',
  ({ open }) => {
    test('a key is made where there is none, rotated, and listed with the one in use first', async () => {
      const desk = await open()
      const before = await desk.list()
      if (before.length === 0) await desk.create()

      const rotated = await desk.rotate()

      const listed = await desk.list()
      await expect(desk.create()).rejects.toMatchObject({ code: 'conflict' })
      expect(listed[0]).toEqual(rotated)
      expect(listed.map(({ replacedAt }) => replacedAt === null)).toEqual(listed.map((_, n) => n === 0))
      expect(rotated.publicKey).toMatch(/^ssh-ed25519 AAAA\S+ architect@\S+$/)
    })
  },
)
