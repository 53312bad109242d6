import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { defaultPermissions, setPermissions, type Permissions } from '../../db/permissions.ts'
import { advancePattern, createPattern } from '../../db/pattern/change.ts'
import { shellAsk } from '../../patterns/testing.ts'
import { databases } from '../../testing/databases.ts'
import { judgeAsk } from './judge.ts'

const project = mkdtempSync(join(tmpdir(), 'architect-judge-'))
mkdirSync(join(project, '.git'))
mkdirSync(join(project, 'data'))
symlinkSync(join(project, 'data/secrets.yaml'), join(project, 'link'))
symlinkSync('../../nobody/.profile', join(project, 'outwards'))
writeFileSync(join(project, 'plain'), '')
symlinkSync('circle', join(project, 'circle'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

const where = { cwd: project, session: 'web', trusted: true }
const discovered = { ...where, tier: null }
const worker = { ...where, tier: 'worker' } as const

describe.each(databases)('on $name', ({ open }) => {
  test('a session that was only discovered is granted and denied nothing by a policy; a worker is', async () => {
    await using store = await open()
    const effects = async (command: string) => [
      (await judgeAsk(store.database, shellAsk(command), discovered))?.effect,
      (await judgeAsk(store.database, shellAsk(command), worker))?.effect,
    ]

    expect(await effects('git status')).toEqual(['ask', 'allow'])
    expect(await effects('git push --force origin feature')).toEqual(['ask', 'deny'])
  })

  test.each([
    'cat data/initial-password',
    "echo '{}' >> data/hooks/decisions/7-1",
    'cp rules.yaml data/agents/claude.yaml',
    'rm -rf dat*/hierarchy.yaml',
    'cat link',
  ])("%j is denied where Architect's data lies in the project", async (command) => {
    await using store = await open()
    const dataDir = join(project, 'data')
    const decide = (text: string) =>
      judgeAsk({ kysely: store.database.kysely, dataDir }, shellAsk(text), worker)

    const decision = await decide(command)
    const append = await decide("echo '{}' >> data/locks/active_sessions.json")

    expect(decision).toMatchObject({ effect: 'deny', by: { kind: 'shipped', name: 'architect-data' } })
    expect(append).toMatchObject({ effect: 'allow' })
  })

  test('a link to a file that is not there yet is not taken for a file of the project', async () => {
    await using store = await open()
    const effectOf = async (path: string) =>
      (
        await judgeAsk(
          store.database,
          { ...shellAsk(''), tool: 'write', toolName: 'Write', input: { paths: [path] } },
          worker,
        )
      )?.effect

    expect(await effectOf(join(project, 'new/file'))).toBe('allow')
    expect(await effectOf(join(project, 'plain/below'))).toBe('allow')
    expect(await effectOf(join(project, 'outwards'))).toBe('ask')
    expect(await effectOf(join(project, 'circle'))).toBe('ask')
  })

  test("a person's own rule answers in a discovered session, too", async () => {
    await using store = await open()
    const { database } = store
    await database.write(async (db) => {
      const rule = { name: 'lint', effect: 'allow', conditions: { commands: ['npm run lint'] } } as const
      const own = { ...rule, conditions: { commands: ['npm run lint'] } }
      const { id } = await createPattern(db, own, { createdBy: 'ada', madeFrom: null }, 1)
      await advancePattern(db, id, 'enable', 1)
    })

    const decision = await judgeAsk(database, shellAsk('npm run lint'), discovered)
    const untrusted = await judgeAsk(database, shellAsk('npm run lint'), { ...discovered, trusted: false })

    expect(decision).toMatchObject({ effect: 'allow', by: { kind: 'pattern', version: 1 } })
    expect(untrusted).toMatchObject({ effect: 'ask' })
  })

  test.each([
    ['switched off', { ...defaultPermissions, automatic: false }],
    ['not to be read any more', { automatic: 'yes' } as unknown as Permissions],
  ])('settings that are %s let nothing be answered', async (_what, permissions) => {
    await using store = await open()
    const { database } = store
    await database.write((db) => setPermissions(db, permissions, 1))

    expect(await judgeAsk(database, shellAsk('git status'), worker)).toBeNull()
  })
})
