import { readConfig } from '../../config.ts'
import { openContext } from '../../context.ts'
import { openLog } from '../../log.ts'
import { runUntilSignal } from '../../process.ts'
import { becomeOnly } from '../../single-instance.ts'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { runAssigner } from '../../../workers/assigner.ts'
import type { Database } from '../../db/open.ts'
import { steppedHost } from '../stepped-host.ts'
import { Executioner } from './executioner.ts'
import type { Plan } from './plan.ts'

/** The product's assigner as it is; only its host and its database are watched for the moment to kill. */
export async function assignUnder(plan: Plan): Promise<void> {
  const config = readConfig(process.env)
  using log = openLog(config, 'assigner')
  using _only = becomeOnly(config.dataDir, 'assigner', log.path)
  await using context = await openContext(config, log)
  if (!(context.host instanceof TmuxHost)) throw new Error('Chaos needs a real tmux host.')
  const executioner = new Executioner(plan, context.host)
  const host = steppedHost(context.host, (step, run) => executioner.around(step, run))
  const database = watchedDatabase(context.database, executioner)
  await runUntilSignal((signal) => runAssigner({ ...context, host, database }, signal))
}

/** Waits in a loaded process until the plan comes: a restart then takes as long as the assigner's own start. */
export function nextPlan(): Promise<Plan> {
  return new Promise((resolve, reject) => {
    process.once('message', (plan) => resolve(plan as Plan))
    // Whoever made this process is gone: it must not outlive the test.
    process.once('disconnect', () => {
      reject(new Error('Nobody has a plan for this assigner.'))
      process.kill(process.pid, 'SIGTERM')
    })
    process.send?.('loaded')
  })
}

function watchedDatabase(database: Database, executioner: Executioner): Database {
  return {
    kysely: database.kysely,
    dialect: database.dialect,
    dataDir: database.dataDir,
    bus: database.bus,
    write: (work) => executioner.around('write', () => database.write(work)),
    by: (actor) => watchedDatabase(database.by(actor), executioner),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
