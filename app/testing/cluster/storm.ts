import { setTimeout as sleep } from 'node:timers/promises'
import { submit } from '../../broker/commands.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { Feeder, random, type Sent } from '../chaos/feeder.ts'
import { nothingMoves } from '../chaos/storm.ts'
import { judge, violations, type Verdict } from '../chaos/verdict.ts'
import { openCliWorld } from '../e2e/cli.ts'
import { freePort } from '../free-port.ts'
import { cutOne, killOne, victims, type Blow, type Cluster } from './blows.ts'
import { startCable, type Cable } from './cable.ts'
import { joinMachine } from './machine.ts'
import { openNetwork, whyNoNetwork } from './network.ts'
import { longestGap, reasonsOfFailure, withoutAnswer } from './results.ts'

/** What happens to a cluster while prompts flow. */
export interface Weather {
  /** It goes on until so much time is over, and so many processes were killed. */
  seconds: number
  kills: number
  /** A cut may be too short to be noticed, or so long that the node counts as offline. */
  longestCutMs: number
}

/** What happened, and what became of the prompts. */
export interface ClusterOutcome {
  blows: Record<Blow, number>
  sent: readonly Sent[]
  verdict: Verdict
  /** Completed prompts without an answer. */
  withoutAnswer: number[]
  failures: string[]
  /** For each machine the longest time without a figure of it; a node agent that is killed loses those it kept. */
  gaps: { name: string; ms: number; isHole: boolean }[]
  /** Every prompt was over, or flagged for a person, after all was healed. */
  cameToRest: boolean
}

/** After so long with everything healed nothing moves any more. */
const restWithinMs = 240_000
/** What was measured during a cut is told and stored so long after it. */
const catchUpMs = 14_000

/**
 * Two machines with two agents each, on cables to a dashboard, where that is permitted in network namespaces of
 * their own: cables are pulled and the processes of Architect killed, at random, while prompts flow.
 */
export async function stormCluster(weather: Weather, say: (line: string) => void): Promise<ClusterOutcome> {
  const why = whyNoNetwork()
  say(why ?? 'every machine is in a network namespace of its own')
  await using network = why === null ? openNetwork() : null
  const port = network ? 8080 : await freePort()
  const listens = { HOST: network ? '0.0.0.0' : '127.0.0.1', PORT: String(port) }
  await using world = await openCliWorld(listens, network?.home ?? null)
  await world.json(['start', '--daemon'])
  await using database = await openDatabase({ dataDir: world.dataDir })
  const plug = async (): Promise<Cable> => network?.wire(port) ?? startCable(port)
  const cluster: Cluster = { world, machines: [] }
  try {
    for (const name of ['pi-1', 'pi-2']) {
      const agents = { [`${name}-a`]: { transcript: true }, [`${name}-b`]: {} }
      cluster.machines.push(await joinMachine(world, database, await plug(), { name, agents }))
    }
    const begun = Date.now()
    const { feeder, blows } = await blow(cluster, database, weather, say)
    const healed = Date.now()
    say('all is healed; the queue comes to its end')
    const cameToRest = await atRest(database)
    await sleep(Math.max(0, healed + catchUpMs - Date.now()))
    const { sent } = feeder
    return {
      blows,
      sent,
      verdict: await judge(database, sent, await sightings(cluster)),
      withoutAnswer: await withoutAnswer(database, sent),
      failures: await reasonsOfFailure(database, sent),
      gaps: await gapsOf(cluster, database, begun, healed),
      cameToRest,
    }
  } finally {
    for (const machine of cluster.machines) await machine[Symbol.asyncDispose]()
  }
}

export function describeCluster(outcome: ClusterOutcome): string {
  const { blows, sent, verdict, cameToRest, gaps } = outcome
  const rows = [
    ...Object.entries(blows).map(([blow, times]) => `${blow}: ${times}`),
    `prompts: ${sent.length} in ${verdict.attempts} attempts`,
    ...Object.entries(verdict.ends).map(([end, times]) => `ended as ${end}: ${times}`),
    ...outcome.failures.map((failure) => `  failed: ${failure}`),
    `came to rest: ${cameToRest ? 'yes' : 'no'}`,
    ...violations.map(
      (what) => `${what}: ${verdict.found.filter(({ violation }) => violation === what).length}`,
    ),
    ...verdict.found.map(({ violation, prompt, because }) => `  prompt ${prompt} ${violation}: ${because}`),
    `completed without an answer: ${outcome.withoutAnswer.length}`,
    ...gaps.map(({ name, ms }) => `longest time without a figure of ${name}: ${Math.round(ms / 1000)} s`),
  ]
  return rows.join('\n')
}

/** Figures that a killed node agent had not told yet are lost with it; those of any cut are not. */
export function isClean({
  verdict,
  cameToRest,
  withoutAnswer: unanswered,
  gaps,
  blows,
}: ClusterOutcome): boolean {
  const areFiguresWhole = blows['node agent'] > 0 || gaps.every(({ isHole }) => !isHole)
  return cameToRest && verdict.found.length === 0 && unanswered.length === 0 && areFiguresWhole
}

async function blow(
  cluster: Cluster,
  database: Database,
  { seconds, kills, longestCutMs }: Weather,
  say: (line: string) => void,
) {
  const send = async (content: string, more = {}) =>
    (await submit(database, { content, ...more }, Date.now())).prompt.id
  const feeder = new Feeder(
    { database, send },
    cluster.machines.flatMap(({ agents }) => Object.keys(agents)),
  )
  const blows: Record<Blow, number> = { cut: 0, 'node agent': 0, assigner: 0, dashboard: 0 }
  const until = Date.now() + seconds * 1000
  const cuts: { heal: () => void }[] = []
  let killed = 0
  for (let round = 1; Date.now() < until || killed < kills; round += 1) {
    await feeder.topUp()
    await sleep(random(4_000))
    // Cuts are what networks do all day.
    if (killed >= kills || random(3) === 0) {
      cuts.push(cutOne(cluster, longestCutMs))
      blows.cut += 1
    } else {
      const victim = victims[killed % victims.length]!
      await killOne(cluster, victim)
      blows[victim] += 1
      killed += 1
    }
    if (round % 10 === 0) say(`${round} blows, ${feeder.sent.length} prompts`)
  }
  for (const { heal } of cuts) heal()
  return { feeder, blows }
}

async function atRest(database: Database): Promise<boolean> {
  const until = Date.now() + restWithinMs
  while (Date.now() < until) {
    await sleep(500)
    if (await nothingMoves(database)) return true
  }
  return false
}

function gapsOf({ machines }: Cluster, database: Database, from: number, until: number) {
  return Promise.all(
    machines.map(async ({ name }) => ({ name, ...(await longestGap(database, name, from, until)) })),
  )
}

async function sightings({ machines }: Cluster) {
  const all = machines.flatMap(({ agents }) =>
    Object.entries(agents).map(async ([agent, scripted]) => {
      const texts = await scripted.prompts()
      return texts.map((text) => ({ agent, text }))
    }),
  )
  return (await Promise.all(all)).flat()
}
