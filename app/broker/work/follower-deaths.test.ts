import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { programPath } from '../../core/paths.ts'
import { eventsAfter } from '../../db/events.ts'
import { createProject } from '../../db/project/write.ts'
import { advancePrompt, submitPrompt } from '../../db/prompts.ts'
import { createWork } from '../../db/work/create.ts'
import { listWork } from '../../db/work/read.ts'
import { databases } from '../../testing/databases.ts'
import { followPromptsOfWork, giveForWork } from './follow-prompts.ts'

test('whoever follows may be killed at any moment: each item ends where its prompt is, told once', async () => {
  await using store = await databases[0]!.open()
  const { database, dataDir } = store
  const project = { name: 'Shop', description: '', rootPath: null, repositoryUrl: null, metadata: {} }
  const words = { title: 'x', description: '', milestoneId: null, priority: 0, metadata: {} }
  const { id: projectId } = await database.write((db) => createProject(db, project, 'anna', 1))
  const given = await Promise.all(
    Array.from({ length: 60 }, () =>
      database.write(async (db) => {
        const more = { kind: 'feature' as const, projectId, severity: null, assignee: null }
        const item = await createWork(db, { ...words, ...more }, 'anna', 1)
        const { prompt } = await submitPrompt(db, { content: 'do it' }, 2)
        const how = { promptId: prompt.id, whenDone: 'review' as const, assignee: null }
        await giveForWork(db, item.id, how, 2)
        return prompt.id
      }),
    ),
  )
  const deaths = (async () => {
    const signals: (string | null)[] = []
    for (const ms of [40, 5, 120, 15]) signals.push(await dieAfter(dataDir, ms))
    return signals
  })()

  for (const [index, id] of given.entries()) {
    await sleep(40)
    for (const event of ['assign', 'start', index % 3 === 0 ? 'fail' : 'finish'] as const) {
      await database.write((db) => advancePrompt(db, id, event, {}, 3))
    }
  }
  expect(await deaths).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL'])
  await followPromptsOfWork(database, 5)

  const items = await listWork(database.kysely, {}, { limit: 100 })
  const statuses = items.map(({ promptId, status }) => [given.indexOf(promptId!) % 3 === 0, status])
  expect(statuses).toEqual(statuses.map(([failed]) => [failed, failed ? 'open' : 'review']))
  const events = await eventsAfter(database.kysely, 0, { limit: 1_000, noun: 'work' })
  const ends = events.filter(({ type }) => type === 'review' || type === 'return')
  expect(new Set(ends.map(({ nounId }) => nounId)).size).toBe(60)
  expect(ends).toHaveLength(60)
})

async function dieAfter(dataDir: string, ms: number): Promise<string | null> {
  const program = programPath('app/testing/work-follower')
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir, String(ms)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal
}
