import type { Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { appendEvent } from '../../db/events.ts'
import { forgetAssigner } from '../../http/assigner-runs.ts'
import type { Web } from '../../http/web.ts'
import { runningInstance } from '../../single-instance.ts'
import { Supervisor, type Change } from '../../supervisor.ts'
import { assignerName, assignerProgram } from '../assigner/start.ts'

/** A dashboard counts as started without its assigner after this; it goes on trying. In ms. */
const startWithinMs = 8_000

/**
 * Keeps an assigner at work on the dashboard's data folder. What becomes of it is in the event log at once, from
 * where pages hear of it. Returns when it works, or when that takes too long.
 */
export async function watchAssigner(web: Web): Promise<AsyncDisposable> {
  const { config, log, clock } = web
  const env = { ...process.env, ARCHITECT_DATA: config.dataDir }
  const supervised = { name: assignerName, program: assignerProgram, env, dataDir: config.dataDir }
  const supervisor = new Supervisor(supervised, log, (change) => void note(web, change))
  supervisor.start()
  await untilItWorks(config.dataDir, clock)
  return supervisor
}

async function untilItWorks(dataDir: string, clock: Clock) {
  const limit = clock.now() + startWithinMs
  while (runningInstance(dataDir, assignerName) === null && clock.now() < limit) await clock.sleep(50)
}

async function note({ config, database, clock, log }: Web, change: Change) {
  forgetAssigner(config)
  if (change.what !== 'ended') return
  const data = { kind: assignerName, how: change.how, again_in_ms: change.againInMs }
  try {
    await database
      .by({ kind: 'worker', name: 'dashboard', address: null })
      .write(async (db) =>
        appendEvent(db, { at: clock.now(), noun: 'assigner', nounId: '', type: 'died', data }),
      )
  } catch (error) {
    log.json.error({ err: error }, `the assigner's end was not kept: ${messageOf(error)}`)
  }
}
