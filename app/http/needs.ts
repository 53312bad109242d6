import type { EpochMs } from '../core/clock.ts'
import type { HumanTask } from '../core/human-task.ts'
import type { SessionState } from '../core/session.ts'
import { listHumanTasks } from '../db/human-task/read.ts'
import { listPromptSummaries, type PromptSummary } from '../db/prompt/summary.ts'
import { liveInteractions } from '../db/interaction/read.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import { waitingSessionKeys } from '../db/needs.ts'
import { listSessions, type StoredSession } from '../db/sessions.ts'
import type { Db } from '../db/schema.ts'
import { sessionPath } from './session-path.ts'

/** Something that waits for a person. */
export type Need = { since: EpochMs } & (
  | { kind: 'doubt' | 'staged' | 'note'; prompt: PromptSummary }
  | { kind: 'question'; task: HumanTask }
  | {
      kind: 'session'
      session: StoredSession
      path: string
      says: string
      /** What it asks, where its dialog was read. */
      asked: StoredInteraction | null
    }
)

/** More of them are worked off page by page. */
const shownNeeds = 100

/** Everything that waits for a person, what waits longest first. */
export async function listNeeds(db: Db, sessions?: readonly StoredSession[]): Promise<Need[]> {
  const [attention, staged, questions, seen, waiting, asked] = await Promise.all([
    listPromptSummaries(db, { attention: true, limit: shownNeeds }),
    listPromptSummaries(db, { states: ['staged'], limit: shownNeeds }),
    listHumanTasks(db, { states: ['open'], limit: shownNeeds }),
    sessions ?? listSessions(db),
    waitingSessionKeys(db),
    liveInteractions(db),
  ])
  const needs = [
    ...attention.filter(({ state }) => state !== 'staged').map(needOfPrompt),
    ...staged.map((prompt): Need => ({ kind: 'staged', since: prompt.createdAt, prompt })),
    ...questions.map((task): Need => ({ kind: 'question', since: task.createdAt, task })),
    ...seen.filter(({ key }) => waiting.has(key)).map((session) => needOfSession(session, asked)),
  ]
  return needs.sort((a, b) => a.since - b.since)
}

/** A running prompt with a note is in doubt; any other one only carries a remark. */
function needOfPrompt(prompt: PromptSummary): Need {
  const kind = prompt.state === 'in_progress' ? 'doubt' : 'note'
  return { kind, since: prompt.startedAt ?? prompt.enqueuedAt, prompt }
}

function needOfSession(session: StoredSession, interactions: StoredInteraction[]): Need {
  const says = session.trusted ? (asks[session.state] ?? '') : asks.untrusted
  const asked = interactions.findLast(({ sessionKey }) => sessionKey === session.key) ?? null
  return { kind: 'session', since: session.since, session, path: sessionPath(session), says, asked }
}

const asks: Partial<Record<SessionState, string>> & { untrusted: string } = {
  permission: 'asks for permission',
  question: 'asks a question',
  menu: 'shows a menu that somebody opened',
  onboarding: 'waits for a login, a key or another first step',
  error: 'ended its turn with an error',
  untrusted: 'runs a version that is not read with certainty, so nothing is typed there',
}
