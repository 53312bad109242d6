import { describe, expect, test } from 'vitest'
import { StaleError } from '../../core/errors.ts'
import { workEvents, workEventTo, workStatuses, type WorkStatus } from '../../core/work.ts'
import { databases } from '../../testing/databases.ts'
import { eventsAfter } from '../events.ts'
import { createMilestone } from '../milestone/write.ts'
import { progressOfMilestones } from '../milestone/read.ts'
import type { Database } from '../open.ts'
import { changeProject, createProject } from '../project/write.ts'
import { changeWork } from './change.ts'
import { createWork, type NewWork } from './create.ts'
import { countWork, getWork, listWork } from './read.ts'

const by = 'anna'
const how = { by, now: 2 }

async function aProject(database: Database, name = 'Architect') {
  const words = { name, description: '', rootPath: null, repositoryUrl: null, metadata: {} }
  return database.write((db) => createProject(db, words, by, 1))
}

function aBug(projectId: number, more: Partial<NewWork> = {}): NewWork {
  return {
    kind: 'bug',
    projectId,
    title: 'It breaks',
    description: '',
    milestoneId: null,
    priority: 0,
    severity: 'medium',
    assignee: null,
    metadata: {},
    ...more,
  }
}

describe.each(databases)('on $name', ({ open }) => {
  test('100 items created at once by two processes have the numbers 1 to 100', async () => {
    await using store = await open()
    const another = await store.openAgain()
    const { id } = await aProject(store.database)

    const items = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        (n % 2 === 0 ? store.database : another).write((db) => createWork(db, aBug(id), by, 2)),
      ),
    )

    const numbers = items.map(({ key }) => Number(key.replace('ARC-', '')))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
  })

  test('100 changes at once of different fields by two processes lose none, and each is in the log', async () => {
    await using store = await open()
    const another = await store.openAgain()
    const project = await aProject(store.database)
    const { id } = await store.database.write((db) => createWork(db, aBug(project.id), by, 2))

    await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        const changes = n % 2 === 0 ? { title: `title ${n}` } : { description: `text ${n}` }
        return (n % 3 === 0 ? store.database : another).write((db) => changeWork(db, id, changes, how))
      }),
    )

    const item = await getWork(store.database.kysely, id)
    const events = await eventsAfter(store.database.kysely, 0, { limit: 200, noun: 'work' })
    const edits = events.filter(({ type }) => type === 'edit')
    const chain = (field: string) =>
      edits.flatMap(({ data }) => (data['changes'] as Record<string, [string, string]>)[field] ?? [])
    expect(item.version).toBe(101)
    expect(edits).toHaveLength(100)
    for (const field of ['title', 'description'] as const) {
      const values = chain(field)
      expect(values.at(-1)).toBe(item[field])
      for (let at = 1; at + 1 < values.length; at += 2) expect(values[at]).toBe(values[at + 1])
    }
  })

  test('of 50 changes of the same version one is made, and the others are told how it is now', async () => {
    await using store = await open()
    const project = await aProject(store.database)
    const { id } = await store.database.write((db) => createWork(db, aBug(project.id), by, 2))

    const settled = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        store.database.write((db) => changeWork(db, id, { title: `t${n}` }, { ...how, version: 1 })),
      ),
    )

    const refused = settled
      .filter((each) => each.status === 'rejected')
      .map(({ reason }) => reason as unknown)
    expect(refused).toHaveLength(49)
    expect(refused.every((reason) => reason instanceof StaleError && 'version' in reason.current)).toBe(true)
  })

  test('work is listed by every filter, and counted by status', async () => {
    await using store = await open()
    const { database } = store
    const one = await aProject(database)
    const two = await aProject(database, 'Other thing')
    const milestone = await database.write((db) =>
      createMilestone(db, { projectId: one.id, name: 'M1', description: '', targetDate: null }, by, 1),
    )
    await database.write(async (db) => {
      await createWork(db, aBug(one.id, { severity: 'critical', milestoneId: milestone.id }), by, 2)
      await createWork(db, aBug(one.id, { kind: 'feature', severity: null, priority: 9 }), by, 3)
      const { id } = await createWork(
        db,
        aBug(two.id, { assignee: 'session:dev', title: '100% ünique' }),
        by,
        4,
      )
      await changeWork(db, id, { status: 'in_progress' }, how)
    })
    const keys = async (filter: object, order: 'newest' | 'priority' = 'newest') =>
      (await listWork(database.kysely, filter, { limit: 10, order })).map(({ key }) => key)

    expect(await keys({})).toEqual(['OT-1', 'ARC-2', 'ARC-1'])
    expect(await keys({}, 'priority')).toEqual(['ARC-2', 'ARC-1', 'OT-1'])
    expect(await keys({ kinds: ['feature'] })).toEqual(['ARC-2'])
    expect(await keys({ projectId: two.id })).toEqual(['OT-1'])
    expect(await keys({ milestoneId: milestone.id })).toEqual(['ARC-1'])
    expect(await keys({ severities: ['critical'] })).toEqual(['ARC-1'])
    expect(await keys({ assignee: 'session:dev' })).toEqual(['OT-1'])
    expect(await keys({ statuses: ['in_progress'] })).toEqual(['OT-1'])
    expect(await keys({ text: '100% ' })).toEqual(['OT-1'])
    expect(await keys({ text: 'arc-2' })).toEqual(['ARC-2'])
    expect(await countWork(database.kysely, { projectId: one.id })).toEqual({ open: 2 })
  })

  test("a milestone's progress counts what is done, without what was closed", async () => {
    await using store = await open()
    const { database } = store
    const { id: projectId } = await aProject(database)
    const { id } = await database.write((db) =>
      createMilestone(db, { projectId, name: 'M1', description: '', targetDate: null }, by, 1),
    )
    await database.write(async (db) => {
      for (const status of ['open', 'done', 'done', 'closed'] as const) {
        const item = await createWork(db, aBug(projectId, { milestoneId: id }), by, 2)
        await changeWork(db, item.id, { status }, how)
      }
    })

    const progress = (await progressOfMilestones(database.kysely, [id])).get(id)

    expect(progress).toEqual({ total: 3, done: 2, percent: 66, counts: { open: 1, done: 2, closed: 1 } })
  })

  test('an archived project takes no new work and keeps its own', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await aProject(database)
    const item = await database.write((db) => createWork(db, aBug(id), by, 2))
    await database.write((db) => changeProject(db, id, { status: 'archived' }, { now: 3 }))

    const refused = database.write((db) => createWork(db, aBug(id), by, 4))

    await expect(refused).rejects.toThrow('ARC is archived')
    const changed = await database.write((db) => changeWork(db, item.id, { title: 'still edited' }, how))
    expect(changed.title).toBe('still edited')
  })
})

test('each status leads where the table of events says, and nowhere else', async () => {
  await using store = await databases[0]!.open()
  const { database } = store
  const { id: projectId } = await aProject(database)
  const leads = (from: WorkStatus, to: WorkStatus) =>
    Object.values(workEvents).some(
      (event) => event.to === to && (event.from as readonly string[]).includes(from),
    )

  for (const from of workStatuses) {
    for (const to of workStatuses.filter((status) => status !== from)) {
      const { id } = await database.write((db) => createWork(db, aBug(projectId), by, 2))
      if (from !== 'open') await database.write((db) => changeWork(db, id, { status: from }, how))

      const moved = await database
        .write((db) => changeWork(db, id, { status: to }, how))
        .then(({ status }) => status)
        .catch((error: Error) => error.message)

      expect.soft([from, to, moved === to]).toEqual([from, to, leads(from, to)])
      expect.soft(workEventTo(from, to) !== null).toBe(leads(from, to))
    }
  }
})
