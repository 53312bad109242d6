import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { lockDesks } from './desk.ts'

let dashboard: TestDashboard
let folder: string

beforeAll(async () => {
  dashboard = await startDashboard()
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'architect-lock-desk-')))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await dashboard[Symbol.asyncDispose]()
})

describe.each(bothSides(lockDesks, () => dashboard, ['read', 'sessions']))('at $name', ({ name, open }) => {
  const project = () => {
    const dir = join(folder, name.replace(/\W/g, '-'))
    mkdirSync(dir, { recursive: true })
    return dir
  }
  const branch = name === 'the database' ? 'feature/here-1121' : 'feature/there-1121'

  test('files are locked, refused to others with who has them, and released', async () => {
    const desk = await open()
    const dir = project()

    const lock = await desk.take({ session: 'w1', dir, branch, files: ['src/', 'a b.ts'] })
    const refused = desk.take({ session: 'w2', dir, branch: null, files: ['src/x.ts'] })
    await expect(refused).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`src/x.ts is locked by w1 on ${branch}`),
    })
    const mine = await desk.list(dir)
    const left = await desk.release({ session: 'w1', dir, files: ['a b.ts'] })
    const nothing = await desk.release({ session: 'w1', dir })

    expect(lock).toMatchObject({ session: 'w1', branch, root: dir, readyAt: null })
    expect(lock.files.map(({ path }) => path)).toEqual(['a b.ts', 'src/'])
    expect(mine).toEqual([lock])
    expect(left?.files.map(({ path }) => path)).toEqual(['src/'])
    expect(nothing).toBeNull()
    expect(await desk.list(dir)).toEqual([])
  })

  test('a check says who is in the way, and what is wrong with a branch', async () => {
    const desk = await open()
    const dir = project()
    const { files } = await desk.take({ session: 'w1', dir, branch, files: ['src/'] })

    const free = await desk.check({ session: '', dir, branch: null, files: [] })
    const own = await desk.check({ session: 'w1', dir, branch: null, files: ['src/x.ts'] })
    const taken = await desk.check({ session: '', dir, branch: 'mine', files: ['src/x.ts', 'b.ts'] })

    expect([free, own]).toEqual(Array.from({ length: 2 }, () => ({ held: [], branchFault: null })))
    expect(taken).toEqual({
      held: [{ wanted: 'src/x.ts', path: 'src/', session: 'w1', branch, since: files[0]!.lockedAt }],
      branchFault: expect.stringMatching(/mine/),
    })
  })

  test('a branch is ready for merge; what is not there is refused in the same words', async () => {
    const desk = await open()
    const dir = project()
    await desk.take({ session: 'w1', dir, branch, files: ['src/'] })

    expect(await desk.ready({ session: 'w1', dir, note: 'look at it' })).toMatchObject({
      branch,
      readyAt: expect.any(Number),
    })
    await expect(desk.release({ session: 'ghost', dir })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining(`ghost holds nothing in ${dir}.`),
    })
    await expect(desk.list('/no/such/folder')).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no folder /no/such/folder. Give the folder of the project.',
    })
  })
})

test('on another machine, neither this folder nor this session is meant', async () => {
  const [, remote] = bothSides(lockDesks, () => dashboard, ['read', 'sessions'])
  const desk = await remote!.open()

  expect(() => desk.folder(undefined)).toThrow(/Name the project by its folder on the machine of .*--dir/)
  expect(() => desk.folder('src')).toThrow(/--dir/)
  expect(desk.folder('/code/shop')).toBe('/code/shop')
  await expect(async () => desk.session(undefined)).rejects.toThrow(/--session NAME/)
})
