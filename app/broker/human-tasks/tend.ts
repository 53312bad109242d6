import type { EpochMs } from '../../core/clock.ts'
import { isAppError } from '../../core/errors.ts'
import { askerGraceMs, type HumanTask, type HumanTaskEvent } from '../../core/human-task.ts'
import { listHumanTasks, overdueHumanTasks } from '../../db/human-task/read.ts'
import { noteAsker } from '../../db/human-task/write.ts'
import type { Database } from '../../db/open.ts'
import { listSessions } from '../../db/sessions.ts'
import { endHumanTask } from './end.ts'

/** More open questions than a person works off. */
const most = 1_000

/** Ends what nobody has to answer any more: its time is over, or no session of its asker's name has been there for a while. */
export async function tendHumanTasks(database: Database, now: EpochMs): Promise<void> {
  for (const task of await overdueHumanTasks(database.kysely, now)) await end(database, task, 'expire', now)
  const open = await listHumanTasks(database.kysely, { states: ['open'], limit: most })
  if (open.length === 0) return
  const sessions = await listSessions(database.kysely)
  for (const task of open) {
    const isThere = sessions.some(({ node, name }) => node === task.node && name === task.session)
    await tendAsker(database, task, isThere, now)
  }
}

async function tendAsker(database: Database, task: HumanTask, isThere: boolean, now: EpochMs) {
  const { id, missingSince } = task
  if (isThere !== (missingSince === null)) {
    await database.write((db) => noteAsker(db, id, isThere ? null : now))
  } else if (missingSince !== null && now - missingSince >= askerGraceMs) {
    await end(database, task, 'abandon', now)
  }
}

async function end(database: Database, { id }: HumanTask, event: HumanTaskEvent, now: EpochMs) {
  try {
    await endHumanTask(database, id, event, { answer: null, answeredBy: null }, now)
  } catch (error) {
    // A person was faster.
    if (!isAppError(error, 'conflict')) throw error
  }
}
