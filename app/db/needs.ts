import { sql } from 'kysely'
import type { SessionState } from '../core/session.ts'
import { countOpenHumanTasks } from './human-task/read.ts'
import type { Db } from './schema.ts'

/** States in which a session does nothing until a person does something there. */
export const waitingStates = [
  'permission',
  'question',
  'menu',
  'onboarding',
  'error',
] as const satisfies SessionState[]

/** How many prompts, sessions and questions wait for a person; what `listNeeds` has that many rows of. */
export async function countNeeds(db: Db): Promise<number> {
  const [attention, staged, sessions, questions] = await Promise.all([
    db
      .selectFrom('prompts')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('attention', 'is not', null)
      .where('state', '<>', 'staged')
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('prompts')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('state', '=', 'staged')
      .executeTakeFirstOrThrow(),
    waitingSessions(db)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
    countOpenHumanTasks(db),
  ])
  return attention.count + staged.count + sessions.count + questions
}

/** Keys of the sessions that wait for a person; those that are ignored are nobody's business. */
export async function waitingSessionKeys(db: Db): Promise<Set<string>> {
  const rows = await waitingSessions(db).select('sessions.key').execute()
  return new Set(rows.map(({ key }) => key))
}

function waitingSessions(db: Db) {
  return db
    .selectFrom('sessions')
    .leftJoin('session_settings as s', (join) =>
      join.onRef('s.node', '=', 'sessions.node').onRef('s.name', '=', 'sessions.name'),
    )
    .where((eb) =>
      eb.or([
        eb('sessions.state', 'in', [...waitingStates]),
        eb.and([eb('sessions.trusted', '=', 0), eb('sessions.state', '<>', 'gone')]),
      ]),
    )
    .where(sql<boolean>`coalesce(s.ignored, 0) = 0`)
}
