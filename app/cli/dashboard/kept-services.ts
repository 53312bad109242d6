import type { Clock } from '../../core/clock.ts'
import type { Config } from '../../config.ts'
import { AppError, messageOf } from '../../core/errors.ts'
import { stopDaemon } from '../../daemon.ts'
import { appendEvent } from '../../db/events.ts'
import type { Database } from '../../db/open.ts'
import { getStoppedServices, setStoppedServices } from '../../db/settings.ts'
import { forgetAssigner } from '../../http/assigner-runs.ts'
import { serviceTypes, type Service, type ServiceType, type Services } from '../../http/services.ts'
import type { Log } from '../../log.ts'
import { runningInstance } from '../../single-instance.ts'
import { Supervisor, type Change } from '../../supervisor.ts'
import { assignerName, assignerProgram } from '../assigner/start.ts'
import { taskWorkerName, taskWorkerProgram } from '../task-worker/names.ts'

/** A dashboard counts as started without its services after this; it goes on trying. In ms. */
const startWithinMs = 8_000

const programs = {
  assigner: { name: assignerName, program: assignerProgram },
  task_worker: { name: taskWorkerName, program: taskWorkerProgram },
} as const satisfies Record<ServiceType, { name: string; program: string }>

interface Tools {
  config: Config
  database: Database
  clock: Clock
  log: Log
}

/**
 * Keeps an assigner and a task worker at work on the dashboard's data folder. What becomes of them is in the event
 * log at once, from where pages hear of it.
 */
export class KeptServices implements Services, AsyncDisposable {
  readonly #tools: Tools
  readonly #supervisors = new Map<ServiceType, Supervisor>()
  #keeps = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** Starts all that nobody stopped. Returns when they work, or when that takes too long. */
  async begin(): Promise<void> {
    this.#keeps = true
    const stopped = await getStoppedServices(this.#tools.database.kysely)
    const wanted = serviceTypes.filter((type) => !stopped.includes(type))
    for (const type of wanted) this.#supervise(type)
    await this.#untilAllWork(wanted)
  }

  async list(): Promise<Service[]> {
    const { config, database } = this.#tools
    const stopped = await getStoppedServices(database.kysely)
    return serviceTypes.map((type) => {
      const instance = runningInstance(config.dataDir, programs[type].name)
      return {
        type,
        isStopped: stopped.includes(type),
        pid: instance?.pid ?? null,
        since: instance?.startedAt ?? null,
      }
    })
  }

  async start(type: ServiceType): Promise<void> {
    if (!this.#keeps) throw new AppError('unavailable', 'This dashboard starts no processes.')
    await this.#remember(type, false)
    if (!this.#supervisors.has(type)) this.#supervise(type)
    await this.#untilAllWork([type])
  }

  async stop(type: ServiceType): Promise<void> {
    if (!this.#keeps) throw new AppError('unavailable', 'This dashboard stops no processes.')
    await this.#remember(type, true)
    const supervisor = this.#supervisors.get(type)
    this.#supervisors.delete(type)
    await supervisor?.[Symbol.asyncDispose]()
    // One that somebody else started was only watched.
    await stopDaemon(this.#tools.config.dataDir, programs[type].name)
    forgetAssigner(this.#tools.config)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#keeps = false
    await Promise.all([...this.#supervisors.values()].map((each) => each[Symbol.asyncDispose]()))
  }

  #supervise(type: ServiceType) {
    const { config, log } = this.#tools
    const env = { ...process.env, ARCHITECT_DATA: config.dataDir }
    const supervised = { ...programs[type], env, dataDir: config.dataDir }
    const supervisor = new Supervisor(supervised, log, (change) => void this.#note(type, change))
    this.#supervisors.set(type, supervisor)
    supervisor.start()
  }

  async #untilAllWork(types: readonly ServiceType[]) {
    const { config, clock } = this.#tools
    const limit = clock.now() + startWithinMs
    const works = (type: ServiceType) => runningInstance(config.dataDir, programs[type].name) !== null
    while (!types.every(works) && clock.now() < limit) await clock.sleep(50)
  }

  async #remember(type: ServiceType, isStopped: boolean) {
    const { database, clock } = this.#tools
    await database.write(async (db) => {
      const others = (await getStoppedServices(db)).filter((each) => each !== type)
      await setStoppedServices(db, isStopped ? [...others, type] : others, clock.now())
    })
  }

  async #note(type: ServiceType, change: Change) {
    const { config, database, clock, log } = this.#tools
    forgetAssigner(config)
    if (change.what !== 'ended') return
    const data = { kind: programs[type].name, how: change.how, again_in_ms: change.againInMs }
    try {
      await database
        .by({ kind: 'worker', name: 'dashboard', address: null })
        .write(async (db) =>
          appendEvent(db, { at: clock.now(), noun: 'assigner', nounId: '', type: 'died', data }),
        )
    } catch (error) {
      log.json.error({ err: error }, `the end of the ${data.kind} was not kept: ${messageOf(error)}`)
    }
  }
}
