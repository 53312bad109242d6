import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { Assigner } from '../app/broker/assigner.ts'
import type { Tools } from '../app/broker/tools.ts'
import type { Context } from '../app/context.ts'
import { messageOf } from '../app/core/errors.ts'
import { endProcess, heartbeat, registerProcess } from '../app/db/processes.ts'
import { packageVersion } from '../app/version.ts'

const heartbeatMs = 10_000

/** Works until `signal` aborts: looks, assigns, follows. Nothing in tmux ends with it. */
export async function runAssigner(context: Context, signal: AbortSignal): Promise<void> {
  const tools = toolsOf(context)
  const { database, clock, log } = tools
  const about = {
    id: tools.owner,
    kind: 'assigner',
    pid: process.pid,
    host: hostname(),
    version: packageVersion(),
    address: null,
  }
  await database.write((db) => registerProcess(db, { ...about, startedAt: clock.now() }))
  const beat = setInterval(() => {
    database
      .write((db) => heartbeat(db, tools.owner, clock.now()))
      .catch((error: unknown) => log.error({ err: error }, `no heartbeat: ${messageOf(error)}`))
  }, heartbeatMs)
  try {
    await new Assigner(tools).run(signal)
  } finally {
    clearInterval(beat)
    await database.write((db) => endProcess(db, tools.owner, clock.now()))
  }
}

function toolsOf({ database, host, reader, clock, log, config }: Context): Tools {
  return {
    database: database.by({ kind: 'worker', name: 'assigner', address: null }),
    host,
    reader,
    clock,
    log: log.json,
    progress: (line) => log.progress(line, clock.now()),
    owner: `${config.node}-${process.pid}-${randomBytes(4).toString('hex')}`,
    dataDir: config.dataDir,
  }
}
