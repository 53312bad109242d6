import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { Assigner } from '../app/broker/assigner.ts'
import { hookDecider, hookFateKeeper } from '../app/broker/interactions/by-hook.ts'
import { announceProcess } from '../app/broker/presence.ts'
import { runSideDuties } from '../app/broker/side-duties.ts'
import { endsWith } from '../app/broker/signals.ts'
import type { Tools } from '../app/broker/tools.ts'
import type { Context } from '../app/context.ts'
import { openSpool } from '../app/hooks/spool.ts'
import { packageVersion } from '../app/version.ts'

/** Works until `signal` aborts: looks, assigns, follows. Nothing in tmux ends with it. */
export async function runAssigner(
  context: Omit<Context, 'terminals'>,
  signal: AbortSignal,
  own: Pick<Tools, 'decide' | 'decidePermission'> = {},
): Promise<void> {
  const tools = { ...toolsOf(context), ...own }
  const about = {
    id: tools.owner,
    kind: 'assigner',
    pid: process.pid,
    host: hostname(),
    version: packageVersion(),
    address: null,
  }
  await using _presence = await announceProcess(tools, about)
  await using hooks = await openSpool({ dataDir: context.config.dataDir, log: context.log.json })
  const decidePermission = own.decidePermission ?? hookDecider(tools)
  using side = endsWith(signal)
  const sideDuties = runSideDuties(tools, side.signal)
  try {
    const notePermissionFate = hookFateKeeper(tools)
    await new Assigner({ ...tools, hooks, decidePermission, notePermissionFate }).run(signal)
  } finally {
    side.end()
    await sideDuties
  }
}

function toolsOf({ database, host, reader, clock, log, config }: Omit<Context, 'terminals'>): Tools {
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
