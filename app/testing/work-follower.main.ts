import { setImmediate } from 'node:timers/promises'
import { followPromptsOfWork } from '../broker/work/follow-prompts.ts'
import { openDatabase } from '../db/open.ts'

/* A process of its own that brings work to where its prompts are, and is killed after as many ms as it is told. */

const [dataDir, killAfterMs] = process.argv.slice(2)
if (!dataDir) throw new Error('Name the data folder.')

const database = await openDatabase({ dataDir })
setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(killAfterMs))
for (;;) {
  await followPromptsOfWork(database, Date.now())
  await setImmediate()
}
