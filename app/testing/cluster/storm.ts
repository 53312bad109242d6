import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { submit } from '../../broker/commands.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { Feeder, random } from '../chaos/feeder.ts'
import { nothingMoves } from '../chaos/storm.ts'
import { judge, violations, type Verdict } from '../chaos/verdict.ts'
import { openCliWorld, type CliWorld } from '../e2e/cli.ts'
import { waitFor } from '../wait-for.ts'
import { joinMachine, type Machine } from './machine.ts'

/** What happened to a cluster while prompts flowed, and what became of them. */
export interface ClusterOutcome {
  blows: Record<Blow, number>
  prompts: number
  verdict: Verdict
  /** Every prompt was over, or flagged for a person, after all was healed. */
  cameToRest: boolean
}

const blows = ['cut', 'node agent', 'assigner', 'dashboard'] as const
export type Blow = (typeof blows)[number]

/** A cut may be too short to be noticed, or so long that the node counts as offline. */
const longestCutMs = 40_000
/** After so long with everything healed nothing moves any more. */
const restWithinMs = 240_000

/**
 * Two machines with two agents each, on cables to a dashboard: for `minutes`, cables are pulled and the processes
 * of Architect killed (SIGKILL), one after the other and at random, while prompts flow.
 */
export async function stormCluster(minutes: number, say: (line: string) => void): Promise<ClusterOutcome> {
  const port = await freePort()
  await using world = await openCliWorld({ PORT: String(port) })
  await world.json(['start', '--daemon'])
  await using database = await openDatabase({ dataDir: world.dataDir })
  const machines: Machine[] = []
  try {
    for (const name of ['pi-1', 'pi-2']) {
      const agents = { [`${name}-a`]: { transcript: true }, [`${name}-b`]: {} }
      machines.push(await joinMachine(world, database, port, { name, agents }))
    }
    const counts = await strike({ world, database, machines }, minutes, say)
    for (const { cable } of machines) cable.plugIn()
    say('all is healed; the queue comes to its end')
    const isDone = await atRest(database)
    const verdict = await judge(database, counts.feeder.sent, await sightings(machines))
    return { blows: counts.blows, prompts: counts.feeder.sent.length, verdict, cameToRest: isDone }
  } finally {
    for (const machine of machines) await machine[Symbol.asyncDispose]()
  }
}

export function describeCluster({ blows: count, prompts, verdict, cameToRest }: ClusterOutcome): string {
  const rows = [
    ...Object.entries(count).map(([blow, times]) => `${blow}: ${times}`),
    `prompts: ${prompts} in ${verdict.attempts} attempts`,
    ...Object.entries(verdict.ends).map(([end, times]) => `ended as ${end}: ${times}`),
    `came to rest: ${cameToRest ? 'yes' : 'no'}`,
    ...violations.map(
      (what) => `${what}: ${verdict.found.filter(({ violation }) => violation === what).length}`,
    ),
    ...verdict.found.map(({ violation, prompt, because }) => `  prompt ${prompt} ${violation}: ${because}`),
  ]
  return rows.join('\n')
}

export function isClean({ verdict, cameToRest }: ClusterOutcome): boolean {
  return cameToRest && verdict.found.length === 0
}

interface Cluster {
  world: CliWorld
  database: Database
  machines: Machine[]
}

async function strike(cluster: Cluster, minutes: number, say: (line: string) => void) {
  const { database, machines } = cluster
  const send = async (content: string, more = {}) =>
    (await submit(database, { content, ...more }, Date.now())).prompt.id
  const names = machines.flatMap(({ agents }) => Object.keys(agents))
  const feeder = new Feeder({ database, send }, names)
  const counts: Record<Blow, number> = { cut: 0, 'node agent': 0, assigner: 0, dashboard: 0 }
  const until = Date.now() + minutes * 60_000
  for (let round = 0; Date.now() < until; round += 1) {
    await feeder.topUp()
    await sleep(random(4_000))
    // Cuts are what networks do all day; processes die more seldom.
    const blow = random(2) === 0 ? 'cut' : blows[1 + (round % 3)]!
    counts[blow] += 1
    await strikeOnce(cluster, blow)
    if (round % 10 === 9) say(`${round + 1} blows, ${feeder.sent.length} prompts`)
  }
  return { feeder, blows: counts }
}

async function strikeOnce({ world, machines }: Cluster, blow: Blow) {
  const machine = machines[random(machines.length)]!
  if (blow === 'cut') {
    machine.cable.pull()
    setTimeout(() => machine.cable.plugIn(), random(longestCutMs))
  } else if (blow === 'node agent') {
    await kill(machine.dataDir, 'node-agent')
    await machine.run(['node-agent', '--daemon'])
  } else {
    await kill(world.dataDir, blow)
    // The dashboard starts a dead assigner again by itself; nobody starts a dead dashboard.
    if (blow === 'dashboard') await startAgain(world)
  }
}

async function startAgain(world: CliWorld) {
  await waitFor(async () => (await world.run(['start', '--daemon'])).code === 0, 'the dashboard')
}

async function kill(dataDir: string, name: string) {
  const { pid } = JSON.parse(await readFile(join(dataDir, `${name}.json`), 'utf8')) as { pid: number }
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has not been started again since the last blow.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function atRest(database: Database): Promise<boolean> {
  const until = Date.now() + restWithinMs
  while (Date.now() < until) {
    await sleep(500)
    if (await nothingMoves(database)) return true
  }
  return false
}

async function sightings(machines: Machine[]) {
  const all = machines.flatMap(({ agents }) =>
    Object.entries(agents).map(async ([agent, scripted]) => {
      const texts = await scripted.prompts()
      return texts.map((text) => ({ agent, text }))
    }),
  )
  return (await Promise.all(all)).flat()
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
