import { askHuman } from '../../broker/human-tasks/ask.ts'
import { answerHuman, dismissHuman } from '../../broker/human-tasks/end.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { HumanTask, HumanTaskId } from '../../core/human-task.ts'
import type { PromptId } from '../../core/prompt.ts'
import { getHumanTask, listHumanTasks } from '../../db/human-task/read.ts'
import { listPromptSummaries } from '../../db/prompt/summary.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { sessionThere } from '../locks/desk.ts'
import { whoAmI } from '../locks/whoami.ts'
import { personHere } from '../person.ts'
import { requirePerson } from '../require-person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'

/** What sessions ask of the people of one machine. */
export interface QuestionDesk {
  /** The session that a command is for: as given, or the one that it runs in. */
  session(given: string | undefined): Promise<string>
  /** Questions, the newest first; prompts that wait for a decision. */
  list(filter: { onlyOpen: boolean }): Promise<{ tasks: HumanTask[]; blocked: BlockedPrompt[] }>
  show(id: HumanTaskId): Promise<HumanTask>
  answer(id: HumanTaskId, answer: string): Promise<HumanTask>
  dismiss(id: HumanTaskId, reason: string | null): Promise<HumanTask>
  ask(question: AskedQuestion): Promise<HumanTask>
}

export interface AskedQuestion {
  session: string
  question: string
  context: string | null
  choices: string[]
  dueAt: EpochMs | null
}

export interface BlockedPrompt {
  promptId: PromptId
  state: string
  attention: string
  beginning: string
  session: string | null
}

export const questionDesks: Sides<QuestionDesk> = { local: localQuestions, remote: remoteQuestions }

/** More than a person works off at once; a page of the other side holds as many. */
const shown = 200

function localQuestions(records: Records): QuestionDesk {
  const { config, database, clock } = records
  const db = database.kysely
  const by = personHere().name
  return {
    session: (given) => whoAmI(records, given),
    async list({ onlyOpen }) {
      const tasks = await listHumanTasks(db, { limit: shown, ...(onlyOpen && { states: ['open'] as const }) })
      const prompts = await listPromptSummaries(db, { attention: true, limit: shown })
      const blocked = prompts.map(({ id, state, attention, beginning, sessionName }) => ({
        promptId: id,
        state,
        attention: attention ?? '',
        beginning,
        session: sessionName,
      }))
      return { tasks, blocked }
    },
    show: (id) => getHumanTask(db, id),
    async answer(id, answer) {
      await requirePerson(records)
      return answerHuman(database, id, { answer, by }, clock.now())
    },
    async dismiss(id, reason) {
      await requirePerson(records)
      return dismissHuman(database, id, { reason, by }, clock.now())
    },
    async ask(question) {
      return (await askHuman(database, { ...question, node: config.node }, clock.now())).task
    },
  }
}

function remoteQuestions(dashboard: Dashboard): QuestionDesk {
  const change = async (path: string, body: object) => {
    const reply = await dashboard.send<{ human_task: Json<HumanTask> }>('POST', path, body)
    return fromJson<HumanTask>(reply.human_task)
  }
  return {
    session: (given) => Promise.resolve(sessionThere(dashboard, given)),
    async list({ onlyOpen }) {
      const query = { limit: shown, ...(onlyOpen && { state: 'open' }) }
      const { items, blocked_prompts: blocked } = await dashboard.get<Listed>('/api/human-tasks', query)
      return { tasks: fromJson<HumanTask[]>(items), blocked: fromJson<BlockedPrompt[]>(blocked) }
    },
    show: async (id) => fromJson<HumanTask>(await dashboard.get(`/api/human-tasks/${id}`)),
    answer: (id, answer) => change(`/api/human-tasks/${id}/answer`, { answer }),
    dismiss: (id, reason) => change(`/api/human-tasks/${id}/dismiss`, { reason }),
    ask: ({ dueAt, ...question }) => change('/api/human-tasks', { ...question, due_at: dueAt }),
  }
}

interface Listed {
  items: Json<HumanTask>[]
  blocked_prompts: Json<BlockedPrompt>[]
}
