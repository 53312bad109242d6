import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setCodeFolders } from '../../db/settings.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { makeSourceTree, type SourceTree } from '../../testing/source-tree.ts'
import { sourceDesks } from './desk.ts'

let dashboard: TestDashboard
let code: SourceTree
beforeAll(async () => {
  dashboard = await startDashboard()
  code = makeSourceTree({ 'here/main.go': '', 'here/go.mod': '', 'there/main.py': '', 'there/setup.py': '' })
  await dashboard.web.database.write((db) => setCodeFolders(db, { folders: [code.root] }, 1))
})
afterAll(async () => {
  await dashboard[Symbol.asyncDispose]()
  code[Symbol.dispose]()
})

describe.each(bothSides(sourceDesks, () => dashboard, ['read', 'prompts']))('at $name', ({ name, open }) => {
  test('projects are found and imported, and refused in the same words', async () => {
    const desk = await open()
    const path = join(code.root, name === 'the database' ? 'here' : 'there')

    const before = await desk.scan()
    const project = await desk.import({ path, name: 'Mine' })
    const after = await desk.scan()

    expect(before.found.find((each) => each.path === path)?.project).toBeNull()
    expect(project).toMatchObject({ name: 'Mine', rootPath: path })
    expect(after.found.find((each) => each.path === path)?.project).toEqual(project)
    await expect(desk.import({ path })).rejects.toMatchObject({ code: 'conflict' })
    await expect(desk.import({ path: '/usr/share' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/is in no code folder/),
    })
  })
})
