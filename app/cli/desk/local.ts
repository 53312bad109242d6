import * as broker from '../../broker/commands.ts'
import { escalate } from '../../broker/delegation/escalate.ts'
import { accept, sendBack } from '../../broker/delegation/review.ts'
import { promptTree } from '../../broker/delegation/tree.ts'
import { requireSession } from '../../broker/named-session.ts'
import { changeSession, findNamedSession } from '../../broker/session-settings.ts'
import { showAttempt } from '../../broker/shown-attempt.ts'
import { lookAtSessions, sessionRows } from '../../broker/session-view.ts'
import { attemptsOf } from '../../db/attempts.ts'
import { getControls } from '../../db/controls.ts'
import { latestCursor } from '../../db/events.ts'
import { oldestWaiting } from '../../db/figures.ts'
import { getPrompt, listPrompts, promptCounts } from '../../db/prompts.ts'
import type { Records } from '../../records.ts'
import { runningInstance } from '../../single-instance.ts'
import { assignerName, assignerRuns, startHint } from '../assigner/start.ts'
import { dashboardName } from '../dashboard/start.ts'
import { followEvents } from '../output/follow.ts'
import { sessionHere } from '../person.ts'
import { requirePerson } from '../require-person.ts'
import { withLooks } from '../sessions/looks.ts'
import type { Desk, Running } from './desk.ts'

/** Works on this machine's database, whether or not an assigner runs. */
export function localDesk(records: Records): Desk {
  const { config, database, clock } = records
  const now = () => clock.now()
  const by = sessionHere(config.node)
  const sessions = () => {
    const lookHere = () => withLooks(({ host, reader }) => lookAtSessions(host, reader), config)
    return sessionRows(database, config.node, assignerRuns(config) ? null : lookHere)
  }
  const named = async (wanted: string) => findNamedSession(database, await sessions(), config.node, wanted)
  const control = async (doIt: typeof broker.pause, wanted: string | null) => {
    const { node, name } = wanted === null ? { node: config.node, name: null } : await named(wanted)
    await doIt(database, node, name, now())
    return name
  }
  return {
    where: config.dataDir,
    isRemote: false,
    startHint,
    submit: (input) => broker.submit(database, { ...input, from: input.from ?? by }, now()),
    prompt: (id) => getPrompt(database.kysely, id),
    attempts: async (id) => (await attemptsOf(database.kysely, id)).map(showAttempt),
    prompts: (filter) => listPrompts(database.kysely, filter),
    assignerRuns: () => Promise.resolve(assignerRuns(config)),
    async figures() {
      const db = database.kysely
      return {
        dashboard: running(config.dataDir, dashboardName),
        assigner: running(config.dataDir, assignerName),
        controls: await getControls(db),
        prompts: await promptCounts(db),
        oldestWaitingSince: await oldestWaiting(db),
      }
    },
    cancel: (id) => broker.cancel(database, id, now()),
    retry: (id) => broker.retry(database, id, now()),
    retryAll: () => broker.retryAll(database, now()),
    reassign: (id, session, force) =>
      broker.reassign(database, id, session, now(), { force: force ?? false }),
    accept: (id, comment) => accept(database, id, by, comment, now()),
    sendBack: (id, comment) => sendBack(database, id, by, comment, now()),
    escalate: (id, question, to) => escalate(database, id, question, now(), to),
    tree: (id) => promptTree(database.kysely, id),
    interrupt: (id) => broker.interrupt(database, id, now()),
    async approve(id) {
      await requirePerson(records)
      return broker.approve(database, id, now())
    },
    reject: (id) => broker.reject(database, id, now()),
    resolve: (id, as) => broker.resolveDoubt(database, id, as, now()),
    suspend: (id, follow) => broker.suspend(database, id, follow, now()),
    clear: (filter) => broker.clear(database, filter, now()),
    pause: (session) => control(broker.pause, session),
    resume: (session) => control(broker.resume, session),
    drain: () => broker.drain(database, now()),
    sessions,
    changeSession: async (wanted, changes) => changeSession(database, await named(wanted), changes, now()),
    requireSession: (wanted) => withLooks((looks) => requireSession(database, looks, wanted), config),
    endOfLog: () => latestCursor(database.kysely),
    follow: (cursor, signal, about) => followEvents(database, cursor, signal, about),
  }
}

function running(dataDir: string, name: string): Running {
  const instance = runningInstance(dataDir, name)
  return instance ? { running: true, ...instance } : { running: false }
}
