import { expect, test } from 'vitest'
import { runChaos } from './report.ts'

test('nothing is lost or repeated over kills of assigner, tmux client and tmux server', async () => {
  const lines: string[] = []

  const { rows, verdict, kills } = await runChaos({ random: 6, steps: 24, clients: 4, servers: 1 }, (line) =>
    lines.push(line),
  )

  expect(verdict.found).toEqual([])
  expect(rows.filter(({ ok }) => !ok)).toEqual([])
  expect(kills.count.assigner).toBeGreaterThanOrEqual(30)
  expect(Object.keys(kills.where)).toEqual(
    expect.arrayContaining(['after paste', 'during submit', 'after submit']),
  )
  expect(verdict.ends['completed']).toBeGreaterThan(0)
}, 360_000)
