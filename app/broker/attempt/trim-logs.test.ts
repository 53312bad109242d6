import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attemptLogFolder } from './log.ts'
import { trimAttemptLogs } from './trim-logs.ts'

test('logs beyond the limit go, younger ones and other files stay, and no folder is no fault', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'architect-logs-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const folder = attemptLogFolder(dataDir)
  const without = await trimAttemptLogs(dataDir, Date.now())
  await mkdir(folder, { recursive: true })
  for (const name of ['prompt-1-1.log', 'prompt-2-1.log', 'notes.txt']) {
    await writeFile(join(folder, name), 'seen')
    if (name !== 'prompt-2-1.log') await utimes(join(folder, name), 1_000, 1_000)
  }

  const removed = await trimAttemptLogs(dataDir, Date.now() - 60_000)

  expect([without, removed]).toEqual([0, 1])
  expect((await readdir(folder)).toSorted()).toEqual(['notes.txt', 'prompt-2-1.log'])
})
