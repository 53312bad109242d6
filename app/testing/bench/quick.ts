import { shareProduct } from '../product.ts'
import { startRealBroker } from '../real-agents/real-broker.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const prompts = 25

/** Prompts one after the other for a real, idle Claude Code: from the row's commit to its submission. */
export async function benchQuick(): Promise<Row[]> {
  await using _product = await shareProduct()
  await using broker = await startRealBroker('claude')
  await broker.settled(await broker.send('the first one waits for the start'))
  const delays: number[] = []
  for (let n = 0; n < prompts; n += 1) {
    const id = await broker.send(`quick ${n}`)
    const sentAt = Date.now()
    const { attempt } = await broker.settled(id)
    delays.push((attempt.submittedAt ?? Infinity) - sentAt)
  }
  const [p50, p95] = [percentile(delays, 50), percentile(delays, 95)]
  return [
    {
      what: `From commit to submitted, a real idle Claude Code (${prompts} prompts)`,
      measured: `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
      target: 'p95 ≤ 600 ms',
      ok: p95 <= 600,
    },
  ]
}
