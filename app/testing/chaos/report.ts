import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'
import { openScene } from './scene.ts'
import { comeToRest, storm, type Doses, type Kills } from './storm.ts'
import { judge, violations, type Verdict } from './verdict.ts'

export interface Row {
  what: string
  measured: number
  target: string
  ok: boolean
}

export interface Outcome {
  rows: Row[]
  kills: Kills
  verdict: Verdict
}

/** Long enough for a queue of some dozens of prompts behind slow agents on a busy machine. */
const restWithinMs = 180_000

/** One whole run: scene, storm, rest, verdict. */
export async function runChaos(doses: Doses, say: (line: string) => void): Promise<Outcome> {
  await using scene = await openScene()
  const kills = await storm(scene, doses, say)
  say('no more kills; the queue comes to its end')
  await comeToRest(scene, restWithinMs)
  const { broker, feeder } = scene
  const verdict = await judge(broker.database, feeder.sent, await scene.sightings())
  const approvals = await scene.approvals()
  return { rows: rowsOf(kills, verdict, feeder.sent.length, approvals), kills, verdict }
}

function rowsOf(kills: Kills, verdict: Verdict, prompts: number, approvals: number): Row[] {
  const { assigner, client, server } = kills.count
  const amount = (what: string, measured: number): Row => ({ what, measured, target: '', ok: true })
  const never = (what: string, measured: number): Row => ({ what, measured, target: '0', ok: measured === 0 })
  return [
    amount('kills of the assigner (SIGKILL)', assigner),
    amount('kills of its tmux client', client),
    amount('kills of the tmux server', server),
    amount('different places where a kill fell', Object.keys(kills.where).length),
    amount('prompts sent', prompts),
    amount('attempts', verdict.attempts),
    ...Object.entries(verdict.ends).map(([end, number]) => amount(`prompts that ended as ${end}`, number)),
    ...violations.map((violation) =>
      never(`prompts ${violation}`, verdict.found.filter((each) => each.violation === violation).length),
    ),
    never('dialogs answered', approvals),
  ]
}

/** Where the README's table takes the figures from. */
export function writeResults(rows: Row[]): string {
  const folder = join(packageRoot, 'app/testing/bench/results')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'chaos.json')
  writeFileSync(path, `${JSON.stringify({ rows }, null, 2)}\n`)
  return path
}

export function describeOutcome({ rows, kills, verdict }: Outcome): string {
  const width = Math.max(...rows.map(({ what }) => what.length))
  const lines = rows.map(
    ({ what, measured, target, ok }) =>
      `${ok ? ' ' : '✗'} ${what.padEnd(width)} ${String(measured).padStart(6)}${target && `  (must be ${target})`}`,
  )
  const where = Object.entries(kills.where).sort(([, a], [, b]) => b - a)
  return [
    ...lines,
    '',
    'Where the kills fell:',
    ...where.map(([place, number]) => `  ${place.padEnd(width)} ${String(number).padStart(6)}`),
    ...verdict.found.map(({ violation, prompt, because }) => `✗ prompt ${prompt} ${violation}: ${because}`),
  ].join('\n')
}
