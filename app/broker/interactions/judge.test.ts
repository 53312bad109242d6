import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Ask } from '../../core/interaction.ts'
import { defaultPermissions, setPermissions, type Permissions } from '../../db/permissions.ts'
import { advancePattern, createPattern } from '../../db/pattern/change.ts'
import { databases } from '../../testing/databases.ts'
import { judgeAsk } from './judge.ts'

const project = mkdtempSync(join(tmpdir(), 'architect-judge-'))
mkdirSync(join(project, '.git'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

function asks(command: string): Ask {
  return {
    agent: 'claude',
    kind: 'permission',
    tool: 'shell',
    toolName: 'Bash',
    input: { command },
    inputFrom: 'hook',
    inputWhole: true,
  }
}

const where = { cwd: project, session: 'web', trusted: true }
const discovered = { ...where, tier: null }
const worker = { ...where, tier: 'worker' } as const

describe.each(databases)('on $name', ({ open }) => {
  test('a session that was only discovered is granted and denied nothing by a policy; a worker is', async () => {
    await using store = await open()
    const db = store.database.kysely
    const effects = async (command: string) => [
      (await judgeAsk(db, asks(command), discovered))?.effect,
      (await judgeAsk(db, asks(command), worker))?.effect,
    ]

    expect(await effects('git status')).toEqual(['ask', 'allow'])
    expect(await effects('git push --force origin feature')).toEqual(['ask', 'deny'])
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

    const decision = await judgeAsk(database.kysely, asks('npm run lint'), discovered)
    const untrusted = await judgeAsk(database.kysely, asks('npm run lint'), { ...discovered, trusted: false })

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

    expect(await judgeAsk(database.kysely, asks('git status'), worker)).toBeNull()
  })
})
