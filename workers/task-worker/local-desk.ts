import type { Actor } from '../../app/core/account.ts'
import {
  addLog,
  beat,
  claim,
  complete,
  fail,
  leave,
  register,
  runsOfWorker,
  secretsFor,
} from '../../app/tasks/work.ts'
import type { VaultTools } from '../../app/vault/tools.ts'
import type { TaskDesk } from './desk.ts'

/** The desk of a worker beside the database. */
export function localDesk(tools: VaultTools, name: string): TaskDesk {
  const by: Actor = { kind: 'worker', name, address: null }
  const own = { ...tools, database: tools.database.by(by) }
  return {
    lookEveryMs: 1_000,
    register: async (worker) => (await register(own, worker)).id,
    claim: (workerId) => claim(own, workerId),
    beat: (workerId) => beat(own, workerId),
    runs: (workerId) => runsOfWorker(own, workerId),
    complete: async (run, end) => void (await complete(own, run, end)),
    fail: async (run, outcome, end) => void (await fail(own, run, outcome, end)),
    addLog: (run, parts) => addLog(own, run, parts),
    secrets: (run) => secretsFor(own, run, by),
    leave: (workerId) => leave(own, workerId),
    onNews: (listener) => own.database.bus.subscribe(listener),
  }
}
