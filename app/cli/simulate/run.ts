import { setMaxListeners } from 'node:events'
import { readConfig } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { paceFor } from '../../../distributed/simulator/simulated-agent.ts'
import { Simulation } from '../../../distributed/simulator/simulated-node.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import { nodeDesks, type NodeDesk } from '../nodes/desk.ts'
import { counted } from '../../core/counted.ts'
import { endsWith, endsWithin } from '../../core/signals.ts'
import { findPlace, type Place } from './place.ts'
import { freeNames, joiningOf } from './join.ts'
import { Progress } from './progress.ts'

export interface SimulateOptions {
  nodes: number
  sessions: number
  seconds?: number
  dashboard?: string
}

type SimulationLog = ConstructorParameters<typeof Simulation>[0]['log']

/** So many join at the same time: each of them costs the dashboard two transactions. */
const joiningAtOnce = 32
/** Whether all are connected is said this often, where it is news; in ms. */
const sayEveryMs = 5_000

/** `./deploy.sh simulate`, until Ctrl-C or for some seconds. */
export async function simulate(options: SimulateOptions): Promise<void> {
  // Every command that works on another machine does so because of this variable.
  if (options.dashboard !== undefined) process.env['ARCHITECT_URL'] = options.dashboard
  const saidBy = options.dashboard === undefined ? undefined : '--dashboard'
  const output = openOutput()
  const config = readConfig(process.env)
  using log = openLog(config, 'simulate')
  await using place = await findPlace(config, (line) => output.line(line), saidBy)
  await runUntilSignal(async (signal) => {
    using ending =
      options.seconds === undefined ? endsWith(signal) : endsWithin(options.seconds * 1000, signal)
    const until = ending.signal
    // Every agent of every node listens to it.
    setMaxListeners(0, until)
    const work = (desk: NodeDesk) => run(desk, place, options, output, logUntil(until, log.json), until)
    return await withSide(nodeDesks, work, saidBy)
  })
  output.line('The simulated nodes have left. To forget them: ./deploy.sh nodes remove --simulated')
}

async function run(
  desk: NodeDesk,
  place: Place,
  { nodes, sessions }: SimulateOptions,
  output: Output,
  log: SimulationLog,
  signal: AbortSignal,
) {
  const pace = paceFor(nodes * sessions)
  const simulation = new Simulation({ clock: systemClock, sessions, pace, log })
  const names = freeNames(nodes, await desk.list({}), systemClock.now())
  const join = await joiningOf(desk, place.url, names)
  const startedAt = Date.now()
  const progress = new Progress({
    nodes,
    line: (text) => output.line(text),
    onAllThere: () => sayAllThere(output, place, names, sessions, Date.now() - startedAt),
  })
  const running: Promise<void>[] = []
  using _saying = repeating(sayEveryMs, () => signal.aborted || progress.say())
  let next = 0
  const joinOneAfterTheOther = async () => {
    for (let index = next++; index < names.length && !signal.aborted; index = next++) {
      const name = names[index]!
      const membership = await join(index)
      const listeners = {
        onUp: () => progress.up(name),
        onDown(reason: string) {
          progress.down(name, reason)
          log.warn({ node: name, reason }, 'not connected')
        },
      }
      running.push(simulation.run(membership, index, listeners, signal))
    }
  }
  await Promise.all(Array.from({ length: joiningAtOnce }, joinOneAfterTheOther))
  await Promise.all(running)
}

/** What a thousand nodes say of themselves is too much, and their end is no trouble. */
function logUntil(signal: AbortSignal, log: SimulationLog): SimulationLog {
  return {
    info() {},
    warn: (data, message) => signal.aborted || log.warn(data, message),
    error: (data, message) => signal.aborted || log.error(data, message),
  }
}

function sayAllThere(
  output: Output,
  { url }: Place,
  names: readonly string[],
  sessions: number,
  tookMs: number,
) {
  const took = (tookMs / 1000).toFixed(1)
  output.line(
    `${counted(names.length, 'simulated node')}, each with ${counted(sessions, 'agent')}, joined in ${took} s.`,
  )
  output.line(`See them at ${new URL('nodes', url).href}`)
  if (sessions > 0) {
    output.line(`A prompt for one: ./deploy.sh assigner --send 'Say hello' --target ${names[0]}/dev-1`)
  }
  output.line('Ctrl-C ends the simulation.')
}

function repeating(everyMs: number, act: () => unknown): Disposable {
  const timer = setInterval(act, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
