import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { runAssigner } from '../../../workers/assigner.ts'
import { submit } from '../../broker/commands.ts'
import { openContext } from '../../context.ts'
import type { AgentReader } from '../../core/agent.ts'
import { openLog } from '../../log.ts'
import { makeDataFolder } from '../broker.ts'
import { startTmux, type TmuxFixture } from '../tmux.ts'
import { journalOf, openPanes } from './panes.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const idlePanes = 160
const flippingPanes = 40
const wantedSamples = 300
const warmUpMs = 8_000
/** Changes this shortly before the end may not have been seen yet. */
const tailMs = 2_000

/**
 * How long a turn runs before the assigner reads its pane as busy, while a prompt waits, in ms from the
 * moment that the program drew it. A beginning is measured because an end is held back on purpose.
 */
export async function benchDetect(): Promise<Row[]> {
  await using server = await startTmux()
  await openPanes(server, 'idle', idlePanes)
  const panes = await openPanes(server, 'flip', flippingPanes)
  const seen = new Map<string, number[]>()
  const [from, until] = await observe(server, seen)
  const delays: number[] = []
  for (const [n, { paneId }] of panes.entries()) {
    const began = await beginningsOf(server, `flip-${n}`, from, until)
    delays.push(...began.map((at) => firstAfter(seen.get(paneId) ?? [], at) - at))
  }
  const [p50, p99] = [percentile(delays, 50), percentile(delays, 99)]
  const what = `A change is seen, ${idlePanes + flippingPanes} panes, work waiting (${delays.length} changes)`
  const measured = `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`
  return [{ what, measured, target: 'p99 ≤ 300 ms', ok: delays.length >= wantedSamples && p99 <= 300 }]
}

/** Runs the assigner with a prompt that nobody can take; returns from when to when changes count. */
async function observe(server: TmuxFixture, seen: Map<string, number[]>): Promise<[number, number]> {
  const config = await makeDataFolder(server)
  using log = openLog(config, 'assigner')
  await using context = await openContext(config, log)
  await submit(context.database, { content: 'waits', target: { tag: 'nobody' } }, Date.now())
  const stopping = new AbortController()
  const running = runAssigner({ ...context, reader: noting(context.reader, seen) }, stopping.signal)
  await sleep(warmUpMs)
  const from = Date.now()
  const count = () => [...seen.values()].flat().filter((at) => at > from).length
  while (count() < wantedSamples + flippingPanes) await sleep(1_000)
  const until = Date.now() - tailMs
  stopping.abort(new Error('the bench is over'))
  await running
  return [from, until]
}

/** The same reader, which notes when a pane was read as busy that was not busy before. */
function noting(reader: AgentReader, seen: Map<string, number[]>): AgentReader {
  const busy = new Set<string>()
  const read: AgentReader['read'] = (look) => {
    const reading = reader.read(look)
    if (reading.state !== 'busy') busy.delete(look.paneId)
    else if (!busy.has(look.paneId)) {
      busy.add(look.paneId)
      seen.set(look.paneId, [...(seen.get(look.paneId) ?? []), Date.now()])
    }
    return reading
  }
  return {
    read,
    mayHoldAgent: (pane) => reader.mayHoldAgent(pane),
    profileOf: (agent) => reader.profileOf(agent),
    readDialog: (look, reading) => reader.readDialog(look, reading),
    dialogKeysOf: (agent) => reader.dialogKeysOf(agent),
    findTurn: (reading, text, since) => reader.findTurn(reading, text, since),
  }
}

/** Moments in ms since 1970, written by the program itself. */
async function beginningsOf(server: TmuxFixture, name: string, from: number, until: number) {
  const text = await readFile(journalOf(server, name), 'utf8')
  const moments = text
    .trim()
    .split('\n')
    .map((line) => Number(line) / 1_000)
  return moments.filter((at) => at > from && at < until)
}

/** A change that was never seen counts as endless. */
function firstAfter(moments: number[], at: number): number {
  return moments.find((moment) => moment >= Math.floor(at)) ?? Infinity
}
