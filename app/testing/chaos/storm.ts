import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../db/open.ts'
import { promptCounts } from '../../db/prompts.ts'
import { random } from './feeder.ts'
import { Aim } from './aim.ts'
import type { Plan, Victim } from './plan.ts'
import type { Scene } from './scene.ts'
import type { AssignerProcess } from './supply.ts'

/** How often each thing is killed. */
export interface Doses {
  /** The assigner, at any moment. */
  random: number
  /** The assigner, at a step of a delivery. */
  steps: number
  /** The tmux client, at a step and then at any moment. */
  clients: number
  /** The whole tmux server, at a step. */
  servers: number
}

export interface Kills {
  /** `assigner`, `client`, `server`. */
  count: Record<Victim, number>
  /** How many blows fell where: `before paste`, `client: during submit`, `at any moment`. */
  where: Record<string, number>
}

/**
 * A plan whose place is not reached within this is ended by hand, in ms. An agent has to become free before
 * anything is pressed.
 */
const patienceMs = { press: 12_000, other: 3_000 }
/** After so many kills one assigner works undisturbed for `calmMs`, or no turn would ever be seen to end. */
const killsBetweenCalms = 25
const calmMs = 4_000

/** Kills as often as `doses` says, while prompts come in; then lets the queue come to its end. */
export async function storm(scene: Scene, doses: Doses, say: (line: string) => void): Promise<Kills> {
  const kills: Kills = { count: { assigner: 0, client: 0, server: 0 }, where: {} }
  for (let round = 0; round < doses.random; round += 1) {
    await interlude(scene, kills, round, say)
    await killAtRandom(scene, kills)
  }
  const aim = new Aim()
  for (let round = 0; round < doses.steps; round += 1) {
    await interlude(scene, kills, round, say)
    await killAtStep(scene, kills, aim)
  }
  const clientAim = new Aim()
  while (kills.count.client < doses.clients) await killClients(scene, kills, clientAim)
  const serverAim = new Aim()
  while (kills.count.server < doses.servers) await killServer(scene, kills, serverAim)
  return kills
}

/** One assigner works until every prompt is over or flagged for a person; returns whether that came in time. */
export async function comeToRest(scene: Scene, withinMs: number): Promise<boolean> {
  const assigner = await scene.begin()
  const until = Date.now() + withinMs
  let isDone = false
  while (!isDone && Date.now() < until) {
    await sleep(500)
    isDone = await nothingMoves(scene.broker.database)
  }
  await end(assigner)
  return isDone
}

/** Every prompt is over, or flagged for a person. */
export async function nothingMoves({ kysely }: Database): Promise<boolean> {
  const { pending, assigned, in_progress: running } = await promptCounts(kysely)
  const flagged = await kysely
    .selectFrom('prompts')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'in_progress')
    .where('attention', 'is not', null)
    .executeTakeFirstOrThrow()
  return pending === 0 && assigned === 0 && running === flagged.count
}

/** New prompts, agents with their habits renewed, and now and then time to finish something. */
async function interlude(scene: Scene, kills: Kills, round: number, say: (line: string) => void) {
  await scene.feeder.topUp()
  if (round % 5 === 0) await rearm(scene, say)
  if (round % killsBetweenCalms !== killsBetweenCalms - 1) return
  say(`${kills.count.assigner} kills, ${scene.feeder.sent.length} prompts sent`)
  const assigner = await scene.begin()
  await sleep(calmMs)
  count(kills, 'assigner', 'at any moment')
  await end(assigner)
}

/** An agent on a machine that is full of work may be late; its habit then shows a little later. */
async function rearm(scene: Scene, say: (line: string) => void) {
  try {
    await scene.rearm()
  } catch (error) {
    say(`an agent did not take its habit in time: ${String(error)}`)
  }
}

async function killAtRandom(scene: Scene, kills: Kills) {
  const assigner = await scene.begin()
  await sleep(Math.random() < 0.85 ? random(500) : random(2_500))
  count(kills, 'assigner', 'at any moment')
  await end(assigner)
}

async function killAtStep(scene: Scene, kills: Kills, aim: Aim) {
  const at = aim.next()
  const assigner = await scene.begin({ at })
  await Promise.race([assigner.ended, sleep(patienceFor(at))])
  count(kills, 'assigner', assigner.struck() ?? 'at any moment')
  await end(assigner)
}

/** One blow at a step, then some at any moment, all on the clients of one assigner. */
async function killClients(scene: Scene, kills: Kills, aim: Aim) {
  await scene.feeder.topUp()
  const at = aim.next()
  const assigner = await scene.begin({ victim: 'client', at })
  await struckOrPatient(assigner, at)
  if (assigner.struck() !== null) count(kills, 'client', assigner.struck()!)
  for (let blow = 0; blow < 6; blow += 1) {
    await sleep(random(500))
    for (const pid of await controlClients(scene)) {
      process.kill(pid, 'SIGKILL')
      count(kills, 'client', 'at any moment')
    }
  }
  await end(assigner)
}

async function controlClients({ broker }: Scene): Promise<number[]> {
  const rows = await broker.server.run('list-clients', '-F', '#{client_control_mode} #{client_pid}')
  return rows
    .split('\n')
    .filter((row) => row.startsWith('1 '))
    .map((row) => Number(row.slice(2)))
}

async function killServer(scene: Scene, kills: Kills, aim: Aim) {
  await scene.feeder.topUp()
  const at = aim.next()
  const assigner = await scene.begin({ victim: 'server', at })
  await struckOrPatient(assigner, at)
  if (assigner.struck() === null) return end(assigner)
  count(kills, 'server', assigner.struck()!)
  await sleep(random(2_000))
  await scene.revive()
  await sleep(calmMs)
  await end(assigner)
}

function patienceFor(at: Plan['at']): number {
  return /paste|submit|press/.test(at?.place ?? '') ? patienceMs.press : patienceMs.other
}

async function struckOrPatient(assigner: AssignerProcess, at: Plan['at']) {
  const until = Date.now() + patienceFor(at)
  while (assigner.struck() === null && Date.now() < until) await sleep(20)
}

async function end(assigner: AssignerProcess) {
  assigner.kill()
  await assigner.ended
}

function count(kills: Kills, victim: Victim, where: string) {
  kills.count[victim] += 1
  const key = victim === 'assigner' ? where : `${victim}: ${where}`
  kills.where[key] = (kills.where[key] ?? 0) + 1
}
