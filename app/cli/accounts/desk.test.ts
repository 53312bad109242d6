import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { accountDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const sides = bothSides(accountDesks, () => dashboard, ['read', 'secrets'])

describe.each(sides)('at $name', ({ name, open }) => {
  const words = { service: `npm ${name}`, loginName: 'ci', node: '', description: '', secret: null }

  test('a login is written down, listed, changed and forgotten', async () => {
    const desk = await open()

    const added = await desk.add({ ...words, status: 'active' })
    const limited = await desk.set(added.id, { status: 'limited', loginName: ' cd ' })
    const listed = await desk.list({ service: words.service, status: 'limited', limit: 5 })
    await desk.remove(added.id)

    expect(added).toMatchObject({ loginName: 'ci', status: 'active', secretName: null, version: 1 })
    expect(limited).toMatchObject({ loginName: 'cd', status: 'limited', version: 2 })
    expect(listed).toEqual([limited])
    await expect(desk.get(added.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(desk.remove(added.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test.each<[object, string, string]>([
    [{ service: '  ' }, 'invalid', 'service: must not be empty'],
    [{ loginName: 'a\u001b[2Jb' }, 'invalid', 'one line of text'],
    [{ description: 'x'.repeat(2_001) }, 'invalid', 'description'],
    [{ secret: 'NO_SUCH' }, 'not_found', 'There is no secret "NO_SUCH"'],
  ])('%j is refused as %s: %s', async (wrong, code, says) => {
    const desk = await open()

    const refused = desk.add({ ...words, status: 'active', ...wrong })

    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(says) })
  })
})
