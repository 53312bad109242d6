import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { becomeOnly } from '../../single-instance.ts'
import { startDashboard } from '../../testing/dashboard.ts'

test('many who ask at the same time share a look', async () => {
  await using dashboard = await startDashboard()
  const looks = vi.spyOn(dashboard.web.host, 'list')

  const answers = await Promise.all(Array.from({ length: 30 }, () => dashboard.anonymous.get('/health')))

  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(looks.mock.calls.length).toBeLessThan(10)
})

test('an assigner that cannot be asked is a reason, not a failure', async () => {
  await using dashboard = await startDashboard()
  const { dataDir } = dashboard.web.config
  using _assigner = becomeOnly(dataDir, 'assigner', '/x.log')
  writeFileSync(join(dataDir, 'assigner.json'), 'not JSON')

  const { status, body } = await dashboard.anonymous.get('/health')

  expect(status).toBe(200)
  expect(body).toMatchObject({
    status: 'degraded',
    assigner: { ok: false, reason: expect.stringContaining("doesn't say which process it is") },
  })
})
