import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../app/config.ts'
import type { ProjectStatus } from '../app/core/project.ts'
import { eventsAfter } from '../app/db/events.ts'
import { changeProject, createProject } from '../app/db/project/write.ts'
import { openLog } from '../app/log.ts'
import { openRecords, type Records } from '../app/records.ts'
import { keepPlanStatus, listPlanStatuses, planStatusOf } from '../app/sources/plan/plan-status.ts'
import { makeSourceTree } from '../app/testing/source-tree.ts'
import { planNow, projectsToPlan, runMilestoneWorker } from './milestone-worker.ts'

let dataDir = ''
let records: Records & AsyncDisposable
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'architect-milestones-'))
  records = await openRecords({ ...readConfig({}), dataDir })
})
afterEach(async () => {
  await records[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true })
})

const create = async (name: string, rootPath: string | null, status: ProjectStatus = 'active') => {
  const words = { name, description: '', rootPath, repositoryUrl: null, metadata: {} }
  const { id } = await records.database.write((db) => createProject(db, words, 'ann', 0))
  if (status === 'active') return
  await records.database.write((db) => changeProject(db, id, { status }, { now: 0 }))
}

/** One round, then it is asked to end. */
async function oneRound() {
  const ended = new AbortController()
  const clock = { ...records.clock, sleep: () => Promise.resolve(ended.abort()) }
  using log = openLog(records.config, 'milestone-worker')
  await runMilestoneWorker({ ...records, clock }, log, ended.signal)
}

test('every active project with a folder is planned, and one that fails holds up no other', async () => {
  using gone = makeSourceTree()
  using shop = makeSourceTree({ 'a.ts': '// TODO: x\n' })
  using old = makeSourceTree({ 'a.ts': '// TODO: x\n' })
  await create('Gone', gone.root)
  await create('Old', old.root, 'archived')
  await create('Paper', null)
  await create('Shop', shop.root)
  renameSync(gone.root, `${gone.root}.away`)

  await oneRound()
  renameSync(`${gone.root}.away`, gone.root)

  expect(await listPlanStatuses(dataDir)).toMatchObject([
    { project: 'Gone', state: 'failed', failure: expect.stringContaining('There is no folder') },
    { project: 'Shop', state: 'done', tasks: 1, json: expect.stringMatching(/^shop_milestones_/) },
  ])
  const events = await eventsAfter(records.database.kysely, 0, { limit: 50, noun: 'plan' })
  expect(events.map(({ type, data }) => `${type} ${String(data['name'])}`)).toEqual([
    'scan Gone',
    'fail Gone',
    'scan Shop',
    'make Shop',
  ])
})

test('a project is found by key, name, number and folder; what is unclear is said', async () => {
  using shop = makeSourceTree()
  await create('Web Shop', shop.root)
  await create('Big Twin', null)
  await create('Big Twin', null)
  const find = async (wanted: string) => projectsToPlan(records.database.kysely, wanted)

  for (const wanted of ['ws', 'web shop', '1', shop.root]) {
    expect(await find(wanted)).toEqual([{ id: 1, name: 'Web Shop', root: shop.root }])
  }
  await expect(find('big twin')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/by its key/),
  })
  await expect(find('2')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/no folder/),
  })
  await expect(find('nobody')).rejects.toMatchObject({ code: 'not_found' })
})

test('a scan is told while it goes on, and as broken off when its process died', async () => {
  using shop = makeSourceTree({ 'a.ts': '' })
  await create('Shop', shop.root)
  const [project] = await projectsToPlan(records.database.kysely)
  const seen: (string | undefined)[] = []

  await planNow(records, project!, {
    signal: new AbortController().signal,
    onProgress: (done, total) => seen.push(`${done} of ${total}`),
  })
  const status = await planStatusOf(dataDir, shop.root)
  await keepPlanStatus(dataDir, { ...status!, state: 'scanning', pid: 4_194_304 })

  expect(seen).toEqual(['0 of 1', '1 of 1'])
  expect(status).toMatchObject({ state: 'done', files: { done: 1, total: 1 } })
  expect(await planStatusOf(dataDir, shop.root)).toMatchObject({
    state: 'failed',
    failure: 'The scan was broken off. Scan again.',
  })
  expect(existsSync(join(dataDir, 'milestones', 'shop_summary.md'))).toBe(true)
})
