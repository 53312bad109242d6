import type { NewTask } from '../../core/task.ts'
import type { Database } from '../../db/open.ts'
import { cancelTask } from '../../db/task/change.ts'
import { claimNextTask } from '../../db/task/claim.ts'
import { appendTaskLog } from '../../db/task/logs.ts'
import { completeRun, failRun } from '../../db/task/run.ts'
import { submitTask } from '../../db/task/submit.ts'
import { endWorker, registerWorker } from '../../db/worker.ts'
import { createSchedule } from '../../tasks/schedules.ts'

const hourMs = 3_600_000
const log = `> shop@1.4.2 test
> vitest run

 ✓ src/cart.test.ts (14 tests) 812ms
 ✓ src/login.test.ts (9 tests) 1204ms

 Test Files  2 passed (2)
`

/** Tasks in each state, two workers and schedules: what their pages show. The first task runs. */
export async function populateTasks(database: Database, now: number): Promise<void> {
  const worker = await database.write((db) =>
    registerWorker(
      db,
      {
        name: 'pi-1',
        node: 'pi-1',
        pid: 4_711,
        version: '1',
        concurrency: 4,
        types: ['shell', 'git', 'test', 'build', 'deploy'],
        ownTypes: [],
        problems: ['The handler report.mjs is not served: it exports no handler by default'],
      },
      now - 5 * hourMs,
    ),
  )
  const begin = async (task: Partial<NewTask> & { type: string }, at: number) => {
    const data = { command: 'npm test' }
    await database.write((db) => submitTask(db, { data, createdBy: 'ada', ...task }, at))
    const claim = await database.write((db) =>
      claimNextTask(db, worker, { owner: 'pi-1', until: now + hourMs }, at + 900),
    )
    await database.write((db) => appendTaskLog(db, claim!.run, [{ at: 0, bytes: log.length, text: log }]))
    return claim!
  }
  await begin(
    { type: 'test', name: 'Tests of the shop', dir: '/home/pi/shop', secrets: ['NPM_TOKEN'] },
    now - 65_000,
  )
  const done = await begin({ type: 'build', name: 'Build the shop' }, now - 2 * hourMs)
  const end = {
    exitCode: 0,
    peakMemoryBytes: 412_000_000,
    result: { artifact: 'dist/shop.tar.gz', bytes: 4_120_331 },
  }
  await database.write((db) => completeRun(db, done.run, end, now - 2 * hourMs + 74_000))
  const failed = await begin({ type: 'deploy', name: 'Deploy to staging', maxRetries: 0 }, now - hourMs)
  const why = { reason: './deploy.sh ended with exit code 1', exitCode: 1, peakMemoryBytes: 31_000_000 }
  await database.write((db) => failRun(db, failed.run, 'failed', why, now - hourMs + 9_000))
  const again = await begin(
    { type: 'git', name: 'Pull the shop', maxRetries: 3, retryDelayMs: 600_000 },
    now - 30_000,
  )
  await database.write((db) =>
    failRun(db, again.run, 'failed', { reason: 'git pull ended with exit code 128' }, now - 20_000),
  )
  await database.write((db) =>
    submitTask(db, { type: 'shell', data: { command: 'uptime' }, createdBy: 'bob' }, now - 5_000),
  )
  await database.write((db) => cancelTask(db, 5, 'bob', now - 4_000))
  await database.write((db) =>
    submitTask(db, { type: 'python', data: { code: '1' }, createdBy: 'bob', node: 'pi-2' }, now),
  )
  const gone = {
    name: 'pi-2',
    node: 'pi-2',
    pid: 12,
    version: '1',
    concurrency: 1,
    types: ['shell'],
    ownTypes: [],
    problems: [],
  }
  await database.write(async (db) =>
    endWorker(db, (await registerWorker(db, gone, now - hourMs)).id, 'die', now - 60_000),
  )
  const task = { type: 'shell', data: { command: './backup.sh' }, name: 'Backup' }
  await database.write((db) =>
    createSchedule(
      db,
      { name: 'Nightly backup', cron: '0 3 * * *', timeZone: 'Europe/Berlin', task, createdBy: 'ada' },
      now,
    ),
  )
}
