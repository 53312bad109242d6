import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floodAndKill } from './chaos/error-flood.ts'
import { stopDaemon } from '../daemon.ts'
import { describeOutcome, runChaos, writeResults } from './chaos/report.ts'
import type { Doses } from './chaos/storm.ts'
import { describeCluster, isClean, stormCluster } from './cluster/storm.ts'
import { stormTasks } from './chaos/task-storm.ts'
import { builtProgram, shareProduct } from './product.ts'

const say = (line: string) => console.log(line)

const [, , what, much] = process.argv
// `npm run chaos -- cluster 10`: two machines on cables that are pulled, for ten minutes. `cluster-kills 100`: the
// same, and a hundred of Architect's processes there are killed. `npm run chaos -- errors 30`: a process that takes a
// flood of errors is killed thirty times. `npm run chaos -- tasks 3`: twenty task workers and a dashboard are killed at
// random for three minutes, while they do 10,000 tasks.
if (what === 'cluster' || what === 'cluster-kills') {
  await using _product = await shareProduct()
  const isKills = what === 'cluster-kills'
  const outcome = await stormCluster(
    {
      seconds: isKills ? 0 : 60 * Number(much ?? 10),
      kills: isKills ? Number(much ?? 100) : 0,
      longestCutMs: 40_000,
    },
    say,
  )
  say(describeCluster(outcome))
  if (!isClean(outcome)) process.exitCode = 1
} else if (what === 'errors') {
  await floodErrors(Number(much ?? 30))
} else if (what === 'tasks') {
  await stormTaskQueue(Number(much ?? 3))
} else {
  await stormHere()
}

async function floodErrors(kills: number) {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-flood-'))
  const { accepted, stored, lost, doubled } = await floodAndKill(dataDir, kills, 2_000)
  rmSync(dataDir, { recursive: true })
  say(
    `${kills} kills, ${accepted} errors answered for, ${stored} stored, ${lost} lost, ${doubled} groups doubled.`,
  )
  if (lost > 0 || doubled > 0) process.exitCode = 1
}

async function stormTaskQueue(minutes: number) {
  await using _product = await shareProduct()
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-task-storm-'))
  const settings = {
    HOST: '127.0.0.1',
    PORT: '0',
    ARCHITECT_TMUX_SOCKET: `architect-task-storm-${process.pid}`,
  }
  Object.assign(process.env, settings, { ARCHITECT_DATA: dataDir })
  const storm = {
    workers: 20,
    tasks: 10_000,
    killForMs: minutes * 60_000,
    killEveryMs: 700,
    dashboard: [process.execPath, builtProgram('app/dashboard')],
  }
  const { kills, completed, runs, lost, notOnce, open } = await stormTasks(dataDir, storm, say)
  // What a killed dashboard had started works on.
  for (const name of ['assigner', 'task-worker']) await stopDaemon(dataDir, name)
  rmSync(dataDir, { recursive: true, force: true })
  say(
    `${kills} kills, ${completed} of ${storm.tasks} tasks completed in ${runs} runs, ${lost} lost, ` +
      `${notOnce} not recorded once, ${open} runs left open.`,
  )
  if (lost + notOnce + open > 0) process.exitCode = 1
}

async function stormHere() {
  const long: Doses = { random: 400, steps: 600, clients: 60, servers: 20 }
  // `npm run chaos -- 0.5`: half of everything, for a look in between.
  const share = Number(process.argv[2] ?? 1)
  const part = (dose: number) => Math.ceil(dose * share)
  const doses = {
    random: part(long.random),
    steps: part(long.steps),
    clients: part(long.clients),
    servers: part(long.servers),
  }
  const outcome = await runChaos(doses, say)
  say(describeOutcome(outcome))
  say(`\nWritten to ${writeResults(outcome.rows)}`)
  if (outcome.rows.some(({ ok }) => !ok)) process.exitCode = 1
}
