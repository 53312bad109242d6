import { describe, expect, test } from 'vitest'
import type { PromptEvent } from '../../core/prompt.ts'
import type { WorkKind } from '../../core/work.ts'
import { eventsAfter } from '../../db/events.ts'
import { getError, getErrorGroup } from '../../db/error/read.ts'
import type { Database } from '../../db/open.ts'
import { createProject } from '../../db/project/write.ts'
import { advancePrompt, submitPrompt } from '../../db/prompts.ts'
import { changeWork } from '../../db/work/change.ts'
import { createWork } from '../../db/work/create.ts'
import { linksOfWork, linkWork } from '../../db/work/links.ts'
import { getWork } from '../../db/work/read.ts'
import { recordError } from '../../errors/record-error.ts'
import { workLimits } from '../../core/work.ts'
import { databases } from '../../testing/databases.ts'
import { followPromptsOfWork, giveForWork } from './follow-prompts.ts'

async function anItem(database: Database, kind: WorkKind = 'bug') {
  const project = { name: 'Shop', description: '', rootPath: null, repositoryUrl: null, metadata: {} }
  const words = { title: 'It breaks', description: '', milestoneId: null, priority: 0, metadata: {} }
  return database.write(async (db) => {
    const { id: projectId } = await createProject(db, project, 'anna', 1)
    return createWork(db, { ...words, kind, projectId, severity: null, assignee: null }, 'anna', 1)
  })
}

async function send(database: Database, metadata: Record<string, unknown> = {}) {
  const { prompt } = await database.write((db) => submitPrompt(db, { content: 'do it', metadata }, 2))
  return prompt.id
}

const give = (database: Database, id: number, promptId: number, whenDone: 'review' | 'done' = 'review') =>
  database.write((db) => giveForWork(db, id, { promptId, whenDone, assignee: null }, 2))

/** Moves the prompt on, and lets the item follow. */
async function advance(database: Database, promptId: number, ...events: PromptEvent[]) {
  for (const event of events) {
    await database.write((db) =>
      advancePrompt(db, promptId, event, event === 'fail' ? { reason: 'a limit' } : {}, 3),
    )
  }
  await followPromptsOfWork(database, 4)
}

describe.each(databases)('on $name', ({ open }) => {
  test('an item follows its prompt to review', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    const promptId = await send(database)
    await followPromptsOfWork(database, 2)
    await give(database, id, promptId)
    const seen = [(await getWork(database.kysely, id)).status]

    for (const event of ['assign', 'start', 'finish'] as const) {
      await advance(database, promptId, event)
      seen.push((await getWork(database.kysely, id)).status)
    }

    expect(seen).toEqual(['queued', 'in_progress', 'in_progress', 'review'])
    expect(await linksOfWork(database.kysely, id)).toMatchObject([
      { kind: 'prompt', ref: String(promptId), relation: 'review' },
    ])
  })

  test('it comes back with a note when the prompt fails, and goes on when that is tried again', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    const promptId = await send(database)
    await followPromptsOfWork(database, 2)
    await give(database, id, promptId)

    await advance(database, promptId, 'assign', 'fail')
    const back = await getWork(database.kysely, id)
    await advance(database, promptId, 'retry')
    const again = await getWork(database.kysely, id)

    expect(back).toMatchObject({ status: 'open', note: `Prompt ${promptId} failed: a limit` })
    expect(again).toMatchObject({ status: 'queued', note: null })
  })

  test('whoever moved it elsewhere meanwhile is not overruled', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    const promptId = await send(database)
    await followPromptsOfWork(database, 2)
    await give(database, id, promptId)

    await database.write((db) => changeWork(db, id, { status: 'open' }, { by: 'anna', now: 3 }))
    await advance(database, promptId, 'assign', 'start', 'finish')

    expect((await getWork(database.kysely, id)).status).toBe('open')
  })

  test('of two prompts the later one counts', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    const [first, second] = [await send(database), await send(database)]
    await followPromptsOfWork(database, 2)
    await give(database, id, first)
    await give(database, id, second)

    await advance(database, first, 'cancel')

    expect(await getWork(database.kysely, id)).toMatchObject({ status: 'queued', promptId: second })
  })

  test('an error is resolved with the bug that fixes it, when the prompt leads to done', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    const report = { node: 'pi', errorType: 'e', message: 'm', source: '', stack: null, session: null }
    const error = await database.write((db) => recordError(db, { ...report, metadata: {} }, 1))
    const link = { kind: 'error', ref: String(error.groupId), relation: 'fixes' } as const
    await database.write((db) => linkWork(db, id, link, 'anna', 1))
    const promptId = await send(database)
    await followPromptsOfWork(database, 2)
    await give(database, id, promptId, 'done')

    await advance(database, promptId, 'assign', 'start', 'finish')

    expect((await getWork(database.kysely, id)).status).toBe('done')
    expect((await getError(database.kysely, error.id)).state).toBe('resolved')
  })

  test('a prompt whose sender died before it was linked is linked by what its metadata say', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    await followPromptsOfWork(database, 2)

    const promptId = await send(database, { work_item_id: id, when_done: 'done' })
    await followPromptsOfWork(database, 3)
    await advance(database, promptId, 'assign', 'start', 'finish')

    expect(await getWork(database.kysely, id)).toMatchObject({ status: 'done', promptId })
  })

  test('what is given again after its prompt was completed is not moved back', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    const promptId = await send(database)
    await followPromptsOfWork(database, 2)
    await give(database, id, promptId)
    await advance(database, promptId, 'assign', 'start', 'finish')

    await give(database, id, promptId)

    expect(await getWork(database.kysely, id)).toMatchObject({ status: 'review', version: 3 })
  })

  test('an error whose prompt lost its sender is linked with it, told once', async () => {
    await using store = await open()
    const { database } = store
    await followPromptsOfWork(database, 2)
    const report = { node: 'pi', errorType: 'e', message: 'm', source: '', stack: null, session: null }
    const error = await database.write((db) => recordError(db, { ...report, metadata: {} }, 1))

    const promptId = await send(database, { error_id: error.groupId })
    await send(database, { error_id: 999_999 })
    await advance(database, promptId, 'assign', 'start')

    expect((await getErrorGroup(database.kysely, error.groupId)).promptId).toBe(promptId)
    const events = await eventsAfter(database.kysely, 0, { limit: 100, noun: 'error' })
    expect(events.filter(({ type }) => type === 'send')).toHaveLength(1)
  })

  test('an item with as many links as it may have, and one linked again by hand, follow their prompts', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    await followPromptsOfWork(database, 2)
    await database.write(async (db) => {
      for (let n = 0; n < workLimits.links; n += 1) {
        const link = { kind: 'commit', ref: String(1_000_000 + n), relation: 'relates' } as const
        await linkWork(db, id, link, 'anna', 1)
      }
    })

    const promptId = await send(database, { work_item_id: id, when_done: 'done' })
    await followPromptsOfWork(database, 3)
    const again = { kind: 'prompt', ref: String(promptId), relation: 'relates' } as const
    const full = database.write((db) => linkWork(db, id, again, 'anna', 4))
    await expect(full).rejects.toMatchObject({ code: 'conflict' })
    await database.write((db) => db.deleteFrom('work_links').where('kind', '=', 'commit').execute())
    await database.write((db) => linkWork(db, id, again, 'anna', 5))
    await advance(database, promptId, 'assign', 'start', 'finish')

    expect(await getWork(database.kysely, id)).toMatchObject({ status: 'done', promptId })
  })

  test('what happened while nobody followed is made up for, once, by whoever is first', async () => {
    await using store = await open()
    const { database } = store
    const another = await store.openAgain()
    const { id } = await anItem(database)
    const promptId = await send(database)
    await give(database, id, promptId)
    for (const event of ['assign', 'start', 'finish'] as const) {
      await database.write((db) => advancePrompt(db, promptId, event, {}, 3))
    }

    await Promise.all([followPromptsOfWork(database, 4), followPromptsOfWork(another, 4)])
    await followPromptsOfWork(database, 5)

    const events = await eventsAfter(database.kysely, 0, { limit: 100, noun: 'work' })
    expect((await getWork(database.kysely, id)).status).toBe('review')
    expect(events.map(({ type }) => type)).toEqual(['create', 'link', 'queue', 'review'])
  })

  test('rubbish in metadata is nobody’s item', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await anItem(database)
    await followPromptsOfWork(database, 2)

    for (const work_item_id of [999_999, -1, 'x', null, 1.5, {}]) await send(database, { work_item_id })
    await followPromptsOfWork(database, 3)

    expect((await getWork(database.kysely, id)).promptId).toBe(null)
  })
})
