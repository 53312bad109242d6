import { runAssigner } from '../../../../workers/assigner.ts'
import { loadLibrary } from '../../../agents/library.ts'
import { createReader } from '../../../agents/reader.ts'
import { readConfig, type Config } from '../../../config.ts'
import { openDatabase } from '../../../db/open.ts'
import { promptCounts } from '../../../db/prompts.ts'
import { openLog, type Log } from '../../../log.ts'
import { passTime, SimulatedClock } from '../../simulated-clock.ts'
import { Bustle } from './bustle.ts'
import { People } from './people.ts'
import { SimulatedSessions } from './sessions.ts'

/** How much happens in a simulated day. */
export interface DayPlan {
  hours: number
  panes: number
  /** How often, on average, people give every session something to do. */
  roundEveryMs: number
  /** Folders in which agents work. */
  dirs: string[]
}

/** What the day was like for the process that the assigner ran in. */
export interface Day {
  /** At the start, and at the end of every hour. */
  memory: { rssBytes: number; heapUsedBytes: number }[]
  /** The highest that the kernel saw in the process's whole life. */
  peakRssBytes: number
  sent: number
  /** How many prompts are in which state at the end. */
  states: Record<string, number>
}

const hourMs = 3_600_000

/** The product's assigner with its real database and files, among simulated sessions, for simulated hours. */
export async function liveThroughDay(plan: DayPlan): Promise<Day> {
  const config = readConfig(process.env)
  const clock = new SimulatedClock(Date.now())
  using log = openLog(config, 'assigner')
  await using opened = await openDatabase({ dataDir: config.dataDir, clock })
  const bustle = new Bustle(opened)
  const { database } = bustle
  const sessions = new SimulatedSessions({ node: config.node, clock, dirs: plan.dirs })
  for (let count = 0; count < plan.panes; count += 1) sessions.open()
  const assigner = startAssigner({ config, log, clock, database, sessions })
  const people = new People(database, sessions, clock)
  void people.work(plan)
  const memory = await passHours(clock, bustle, plan.hours)
  await assigner.stop(() =>
    passTime(
      clock,
      () => bustle.isGoingOn(),
      () => assigner.hasEnded(),
    ),
  )
  const states = await promptCounts(database.kysely)
  return { memory, peakRssBytes: process.resourceUsage().maxRSS * 1024, sent: people.sent, states }
}

async function passHours(clock: SimulatedClock, bustle: Bustle, hours: number): Promise<Day['memory']> {
  const memory = [memoryNow()]
  const startedAt = clock.now()
  for (let hour = 1; hour <= hours; hour += 1) {
    const end = startedAt + hour * hourMs
    await passTime(
      clock,
      () => bustle.isGoingOn(),
      () => clock.now() >= end,
    )
    memory.push(memoryNow())
  }
  return memory
}

function memoryNow(): Day['memory'][number] {
  const { rss, heapUsed } = process.memoryUsage()
  return { rssBytes: rss, heapUsedBytes: heapUsed }
}

interface Surroundings {
  config: Config
  log: Log
  clock: SimulatedClock
  database: Bustle['database']
  sessions: SimulatedSessions
}

function startAssigner({ config, log, clock, database, sessions }: Surroundings) {
  const stopping = new AbortController()
  const library = loadLibrary(config.dataDir)
  const reader = createReader(library, { clock, finder: sessions.finder })
  const { host } = sessions
  let ended = false
  const running = runAssigner(
    { config, log, clock, database, library, reader, host, async [Symbol.asyncDispose]() {} },
    stopping.signal,
  ).finally(() => {
    ended = true
  })
  return {
    hasEnded: () => ended,
    /** What sleeps has to be woken while it ends. */
    async stop(passUntilEnded: () => Promise<void>) {
      stopping.abort(new Error('the day is over'))
      await passUntilEnded()
      await running
    },
  }
}
