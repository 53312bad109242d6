import { expect, test } from 'vitest'
import { runChaos } from './report.ts'

test('nothing is lost or repeated over kills of assigner, tmux client and tmux server', async () => {
  const lines: string[] = []

  const { rows, verdict, kills } = await runChaos({ random: 10, steps: 30, clients: 4, servers: 1 }, (line) =>
    lines.push(line),
  )

  expect(verdict.found).toEqual([])
  expect(rows.filter(({ ok }) => !ok)).toEqual([])
  expect(kills.count.assigner).toBeGreaterThanOrEqual(40)
  expect(verdict.ends['completed']).toBeGreaterThan(0)
}, 240_000)
