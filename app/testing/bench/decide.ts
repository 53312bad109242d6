import { setTimeout as sleep } from 'node:timers/promises'
import { hookDecider } from '../../broker/interactions/by-hook.ts'
import type { HookMessageOf } from '../../core/hook.ts'
import { systemClock } from '../../core/clock.ts'
import type { Decide } from '../../broker/interactions/judge.ts'
import { startBroker, type TestBroker } from '../broker.ts'
import { MemoryHost } from '../../../distributed/simulator/memory-host.ts'
import { shareProduct } from '../product.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const agents = 8
const rounds = 6
const byHook = 200
/** A turn runs for this long before it asks: long enough to be seen as busy, as real ones are. */
const thinkMs = 3_000

/**
 * How long an agent waits for the answer of a rule, in turns that a person began: from the moment that it draws its
 * dialog to the key that answers it; and how long a request that comes by hook takes to be stored and decided.
 */
export async function benchDecide(): Promise<Row[]> {
  await using _product = await shareProduct()
  const behaviour = { ask: 'permission', command: 'npm test', thinkMs, streamMs: 50 } as const
  const names = Array.from({ length: agents }, (_, index) => `dev_${index}`)
  await using broker = await startBroker({
    agents: Object.fromEntries(names.map((name) => [name, behaviour])),
    decide,
  })
  const drawn = await answersByKey(broker, names)
  const told = await answersByHook(broker)
  return [
    row(
      `From dialog drawn to answered by a rule, no hooks (${drawn.length} dialogs, ${agents} at once)`,
      drawn,
      1_000,
    ),
    row(`…a request by hook is stored and decided (${told.length} requests)`, told, 500),
  ]
}

/** Allows whatever is certain: what rules cost is measured elsewhere. */
const decide: Decide = ({ inputWhole }) => {
  const by = { kind: 'pattern', id: 1, version: 1 } as const
  return { effect: inputWhole ? 'allow' : 'ask', by, also: [], reason: 'the rule of the bench' }
}

async function answersByKey(broker: TestBroker, names: string[]): Promise<number[]> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      const { paneId } = broker.agent(name).pane
      await broker.server.run('send-keys', '-t', paneId, `round ${round}`, 'Enter')
      // People do not begin at once.
      await sleep(150)
    }
    for (const name of names) {
      await broker.agent(name).witness(({ type, turn }) => type === 'turn_end' && turn === round)
    }
  }
  const logs = await Promise.all(names.map((name) => broker.agent(name).log()))
  return logs.flatMap((log) => {
    const asked = log.filter(({ type }) => type === 'dialog').map(({ at }) => at)
    const answered = log.filter(({ type }) => type === 'APPROVED').map(({ at }) => at)
    return asked.map((at, index) => (answered[index] ?? Infinity) - at)
  })
}

async function answersByHook({ database }: TestBroker): Promise<number[]> {
  const decider = hookDecider({
    database,
    clock: systemClock,
    host: new MemoryHost({ node: 'test' }),
    decide,
  })
  const session = { key: 'test/x/%99', name: 'hooked', generation: '1', cwd: '/code', trusted: true }
  const delays: number[] = []
  for (let n = 0; n < byHook; n += 1) {
    const begun = performance.now()
    await decider({ ...request, id: `bench-${n}` }, session)
    delays.push(performance.now() - begun)
  }
  return delays
}

const request: HookMessageOf<'permission_asked'> = {
  id: '',
  agent: 'claude',
  at: 0,
  event: 'PermissionRequest',
  socketPath: null,
  paneId: null,
  parents: [],
  architectSession: null,
  conversation: null,
  turnId: null,
  cwd: '/code',
  transcriptPath: null,
  type: 'permission_asked',
  tool: 'Bash',
  input: { command: 'npm test' },
  suggestions: [],
  decidable: true,
}

function row(what: string, delays: number[], mostMs: number): Row {
  const [p50, p95] = [percentile(delays, 50), percentile(delays, 95)]
  const measured = `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`
  return { what, measured, target: `p95 ≤ ${mostMs.toLocaleString('en')} ms`, ok: p95 <= mostMs }
}
