import { sql, type Kysely } from 'kysely'
import { describe, expect, test } from 'vitest'
import { recordError } from '../../errors/record-error.ts'
import { searchTalk } from '../../../migrations/024-search-talk.ts'
import { databases } from '../../testing/databases.ts'
import type { Database } from '../open.ts'
import { changeProject, createProject } from '../project/write.ts'
import { submitPrompt } from '../prompts.ts'
import { createMilestone, changeMilestone } from '../milestone/write.ts'
import { addComment } from '../work/comments.ts'
import { changeWork } from '../work/change.ts'
import { createWork } from '../work/create.ts'
import { findEverywhere } from './find.ts'
import { rebuildSearch } from './rebuild.ts'

async function fill(database: Database) {
  const words = { name: 'Web shop', description: 'sells teapots', rootPath: null, repositoryUrl: null }
  const report = { node: 'pi', errorType: 'TypeError', message: 'no teapot left', source: 'cart.js' }
  return database.write(async (db) => {
    const project = await createProject(db, { ...words, metadata: {} }, 'anna', 1)
    const bug = { kind: 'bug', severity: 'low', priority: 0, milestoneId: null, assignee: null } as const
    const title = 'Tëapots tip over'
    const said = { title, description: 'at 100% of "all" times', projectId: project.id, metadata: {} }
    const item = await createWork(db, { ...bug, ...said }, 'anna', 2)
    const error = await recordError(db, { ...report, stack: null, session: null, metadata: {} }, 3)
    const { prompt } = await submitPrompt(db, { content: 'Boil water for the teapot' }, 4)
    await addComment(db, item, { author: 'bob', body: 'The *handle* is loose, too' }, 5)
    const day = { targetDate: null, description: 'when nothing wobbles' }
    const milestone = await createMilestone(db, { name: 'Steady', ...day, projectId: project.id }, 'anna', 6)
    return { project, item, error, prompt, milestone }
  })
}

const found = async (database: Database, text: string) =>
  (await findEverywhere(database.kysely, text, { limit: 10 })).map(({ kind }) => kind).toSorted()

describe.each(databases)('on $name', ({ open }) => {
  test('work, projects, errors and prompts are found by their words, and by what they become', async () => {
    await using store = await open()
    const { database } = store
    const { project, item } = await fill(database)

    expect(await found(database, 'teapot')).toEqual(
      database.dialect === 'sqlite' ? ['error', 'project', 'prompt', 'work'] : ['error', 'project', 'prompt'],
    )
    expect(await found(database, 'WS-1')).toEqual(['work'])
    expect(await found(database, 'boil TEA')).toEqual(['prompt'])
    expect(await found(database, 'cart.js')).toEqual(['error'])
    await database.write(async (db) => {
      await changeWork(db, item.id, { title: 'Kettles whistle' }, { by: 'anna', now: 5 })
      await changeProject(db, project.id, { description: 'sells kettles' }, { now: 5 })
    })
    expect(await found(database, 'kettles')).toEqual(['project', 'work'])
    expect(await found(database, 'tip over')).toEqual([])
  })

  test('milestones and what was said about work are found', async () => {
    await using store = await open()
    const { database } = store
    const { milestone } = await fill(database)

    expect(await found(database, 'handle loo')).toEqual(['comment'])
    expect(await found(database, 'STEADY wob')).toEqual(['milestone'])
    await database.write((db) => changeMilestone(db, milestone.id, { name: 'Firm' }, { now: 7 }))
    expect(await found(database, 'steady')).toEqual([])
    expect(await found(database, 'firm')).toEqual(['milestone'])
  })

  test.each([
    '"',
    '*',
    'xa" OR "xb',
    'NEAR(a b)',
    '-',
    'col: x',
    "'); drop table prompts; --",
    '\u0000',
    '(((',
    '😀',
  ])('no words are taken for commands: %j', async (text) => {
    await using store = await open()
    await fill(store.database)

    expect(await found(store.database, text)).toEqual([])
  })
})

test('the index is kept in the write itself, follows what is deleted, and is made anew', async () => {
  await using store = await databases[0]!.open()
  const { database } = store
  const { prompt } = await fill(database)

  const undone = database.write(async (db) => {
    await submitPrompt(db, { content: 'vanishing' }, 5)
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(await found(database, 'vanishing')).toEqual([])
  await database.write((db) => db.deleteFrom('prompts').where('id', '=', prompt.id).execute())
  expect(await found(database, 'boil')).toEqual([])
  await database.write((db) => sql`insert into search_index (search_index) values ('delete-all')`.execute(db))
  expect(await found(database, 'teapot')).toEqual([])
  expect(await database.write((db) => rebuildSearch(db))).toBe(5)
  expect(await found(database, 'teapot')).toEqual(['error', 'project', 'work'])
  expect(await found(database, 'handle')).toEqual(['comment'])
})

test('what was said before it could be found is found once the database is brought up to date', async () => {
  await using store = await databases[0]!.open()
  const { database } = store
  await fill(database)
  await database.write(async (db) => {
    for (const table of ['milestones', 'work_comments']) {
      for (const part of ['added', 'changed', 'removed']) {
        await sql`drop trigger ${sql.ref(`search_${table}_${part}`)}`.execute(db)
      }
    }
    await sql`delete from search_index where rowid % 8 in (5, 6)`.execute(db)
  })
  expect(await found(database, 'handle')).toEqual([])

  await database.write((db) => searchTalk(db as unknown as Kysely<unknown>, 'sqlite'))

  expect(await found(database, 'handle')).toEqual(['comment'])
  expect(await found(database, 'steady')).toEqual(['milestone'])
})
