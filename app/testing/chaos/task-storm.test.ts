import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stormTasks } from './task-storm.ts'

test('no task is lost and none completed twice while workers are killed', { timeout: 240_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-task-storm-'))
  const storm = { workers: 4, tasks: 2_000, killForMs: 12_000, killEveryMs: 900, dashboard: null }

  const verdict = await stormTasks(dataDir, storm, () => undefined)

  rmSync(dataDir, { recursive: true })
  expect(verdict).toMatchObject({ completed: 2_000, lost: 0, notOnce: 0, open: 0 })
  expect(verdict.kills).toBeGreaterThan(5)
  expect(verdict.runs).toBeGreaterThan(2_000)
})
