import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInteraction } from '../../db/interaction/open.ts'
import type { NewPattern } from '../../core/pattern.ts'
import { defaultPermissions } from '../../db/permissions.ts'
import { askedByWeb } from '../../testing/asked.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { patternDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const sides = bothSides(patternDesks, () => dashboard, ['read', 'sessions', 'admin'], 'admin')

describe.each(sides)('at $name', ({ name, open }) => {
  const session = name === 'the database' ? 'here' : 'there'
  const asked = (command: string) => {
    const { database, clock } = dashboard.web
    const row = askedByWeb({
      sessionName: session,
      sessionKey: `n/default/%${command.length}`,
      input: { command },
    })
    return database.write((db) => openInteraction(db, row, clock.now()))
  }
  const lint: NewPattern = { name: 'lint', effect: 'allow', conditions: { commands: ['npm run lint'] } }

  test('a rule is written, changed into a draft of its next version, and goes live as it was looked at', async () => {
    const desk = await open()

    const draft = await desk.add(lint)
    const edited = await desk.edit(draft.id, { ...lint, effect: 'deny' }, 1)
    const late = desk.edit(draft.id, lint, 1)
    await expect(late).rejects.toMatchObject({ code: 'conflict' })
    const early = desk.enable(draft.id, 1)
    await expect(early).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('it is version 2 now'),
    })
    const live = await desk.enable(draft.id, 2)
    const off = await desk.disable(draft.id)
    const shown = await desk.show(draft.id)
    const listed = await desk.list()
    const gone = await desk.remove(draft.id)

    expect(draft).toMatchObject({ state: 'draft', version: 1, effect: 'allow', conditions: lint.conditions })
    expect(edited).toMatchObject({ state: 'draft', version: 2, effect: 'deny' })
    expect([live.state, off.state, gone.state]).toEqual(['live', 'off', 'deleted'])
    expect(shown.versions.map(({ version, effect }) => [version, effect])).toEqual([
      [2, 'deny'],
      [1, 'allow'],
    ])
    expect(listed.map(({ id }) => id)).toContain(draft.id)
    expect((await desk.list()).map(({ id }) => id)).not.toContain(draft.id)
    await expect(desk.disable(draft.id)).rejects.toMatchObject({
      message: expect.stringMatching(/it is deleted/),
    })
    await expect(desk.show(999_999)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a rule is made of what was asked, narrow; the same words are tried without being kept', async () => {
    const desk = await open()
    const { id } = await asked('npm test')
    await asked('git push --force origin x')

    const made = await desk.addFrom(id, { effect: 'allow' })
    const tried = await desk.tryOut(made.id)
    const careful = await desk.tryNew(
      { ...lint, name: 'push', conditions: { tools: ['shell'], sessions: [session] } },
      null,
    )

    expect(made).toMatchObject({ state: 'draft', made_from: id, conditions: { commands: ['npm test'] } })
    expect(tried.cases.map((each) => each.id)).toContain(id)
    expect(tried.says).toMatch(/^Would have approved \d+ of \d+/)
    expect(careful).toMatchObject({ would_allow: 1, looked: tried.looked })
    expect((await desk.list()).map((each) => each.name)).not.toContain('push')
  })

  test('policies are read and settled', async () => {
    const desk = await open()
    const { policy } = defaultPermissions
    const strict = {
      automatic: true,
      discovered: 'as_workers' as const,
      policy: { ...policy, tiers: { ...policy.tiers, worker: 'manual' as const } },
    }

    const before = await desk.permissions()
    await desk.settle(strict)
    const after = await desk.permissions()
    await desk.settle(defaultPermissions)

    expect(before).toEqual(defaultPermissions)
    expect(after).toEqual(strict)
  })
})

test('on another machine, a folder of this one is not meant', async () => {
  const [here, there] = sides

  expect((await here!.open()).folder('shop')).toBe(`${process.cwd()}/shop`)
  const remote = await there!.open()
  expect(remote.folder('/code/shop')).toBe('/code/shop')
  expect(() => remote.folder('shop')).toThrow(/Name the project by its folder on the machine of .*--project/)
})
