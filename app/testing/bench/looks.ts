import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { loadLibrary, parseRules } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import { LocalFleet } from '../../agents/local-fleet.ts'
import { systemClock } from '../../core/clock.ts'
import type { PaneRef } from '../../core/host.ts'
import { openHost, startTmux, type TmuxFixture } from '../tmux.ts'
import { scriptedRules } from '../scripted-agent/scripted-agent.ts'
import { cpuMsOf, cpuMsOfFamily, serverPid } from './cpu.ts'
import { openPanes } from './panes.ts'
import type { Row } from './results.ts'

const idlePanes = 95
const busyPanes = 5
const looks = 60
const naiveLooks = 8
/** As far apart as the assigner's looks while work runs, in ms. */
const periodMs = 150
const unobservedMs = 5_000
/** The first looks know nothing yet and capture every pane, and so do those within tmux's grain of activity. */
const warmUpMs = 4_000

/**
 * CPU of one complete look at 100 panes, 5 of them busy: listing, captures of what can have changed and
 * reading, as the assigner does it, against one spawned `tmux capture-pane` for each pane, which reads nothing.
 */
export async function benchLooks(): Promise<Row[]> {
  await using server = await startTmux()
  await openPanes(server, 'idle', idlePanes)
  await openPanes(server, 'spin', busyPanes)
  await sleep(warmUpMs)
  const tmux = await serverPid(server)
  const restMsPerMs = await measureRest(tmux)
  const panes = (await server.run('list-panes', '-a', '-F', '#{pane_id}')).trim().split('\n')
  const naive = await measure(tmux, restMsPerMs, naiveLooks, () => captureEach(server, panes))
  const ours = await measureOurs(server, tmux, restMsPerMs)
  const ratio = naive / ours
  const what = `CPU of one look at ${idlePanes + busyPanes} panes, ${busyPanes} busy: assigner + tmux`
  const measured = `${ours.toFixed(2)} ms; spawned captures ${naive.toFixed(0)} ms (1/${ratio.toFixed(0)})`
  return [{ what, measured, target: '≤ 1/20 of spawned captures', ok: ratio >= 20 }]
}

/** CPU of the tmux server when nobody looks, in ms per ms. */
async function measureRest(tmux: number): Promise<number> {
  const before = { cpu: cpuMsOf(tmux), at: performance.now() }
  await sleep(unobservedMs)
  return (cpuMsOf(tmux) - before.cpu) / (performance.now() - before.at)
}

/** CPU of one look in ms: this process with its children, and the tmux server without what it uses anyhow. */
async function measure(tmux: number, restMsPerMs: number, count: number, look: () => Promise<unknown>) {
  const cpu = () => cpuMsOfFamily(process.pid) + cpuMsOf(tmux)
  const before = { cpu: cpu(), at: performance.now() }
  for (let n = 0; n < count; n += 1) await look()
  const rest = restMsPerMs * (performance.now() - before.at)
  return (cpu() - before.cpu - rest) / count
}

async function measureOurs(server: TmuxFixture, tmux: number, restMsPerMs: number): Promise<number> {
  await using host = openHost(server)
  const reader = createReader(
    new Map([...loadLibrary(), ['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]]),
  )
  const nobody = { onChange() {}, onGone() {} }
  const fleet = new LocalFleet({ host, reader, clock: systemClock, log: pino({ level: 'silent' }) }, nobody)
  const look = async () => {
    await fleet.observe()
    await sleep(periodMs)
  }
  await look()
  const agents = fleet.sessions.filter(({ reading }) => reading.agent === 'scripted').length
  if (agents !== idlePanes + busyPanes) throw new Error(`Only ${agents} panes were read as agents.`)
  for (const until = Date.now() + warmUpMs; Date.now() < until;) await look()
  return await measure(tmux, restMsPerMs, looks, look)
}

async function captureEach(server: TmuxFixture, panes: PaneRef['paneId'][]) {
  for (const pane of panes) {
    await promisify(execFile)('tmux', ['-S', server.socketPath, 'capture-pane', '-p', '-t', pane])
  }
}
