import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { floodAndKill } from './error-flood.ts'

test('SIGKILL in a flood of errors loses none that was answered for', { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-flood-'))

  const verdict = await floodAndKill(dataDir, 3, 500)

  rmSync(dataDir, { recursive: true })
  expect(verdict).toMatchObject({ lost: 0, doubled: 0 })
  expect(verdict.accepted).toBeGreaterThan(300)
})
