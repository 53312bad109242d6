import { giveForWork } from '../broker/work/follow-prompts.ts'
import { submit } from '../broker/commands.ts'
import type { Prompt } from '../core/prompt.ts'
import type { ErrorId } from '../core/reported-error.ts'
import type { WorkId } from '../core/work.ts'
import { linkErrorPrompt } from '../db/error/change.ts'
import { getErrorGroup, listErrorNodes, listErrorSamples } from '../db/error/read.ts'
import { getMilestone } from '../db/milestone/read.ts'
import { getProject } from '../db/project/read.ts'
import type { Db } from '../db/schema.ts'
import { commentsOfWork } from '../db/work/comments.ts'
import { getWork } from '../db/work/read.ts'
import { fixPrompt } from '../errors/fix-prompt.ts'
import { workPrompt } from '../work/work-prompt.ts'
import { newPromptOf, type NewPromptBody } from './schemas/new-prompt.ts'
import type { Web } from './web.ts'

/** What a session can be given: a feature, bug or devops task, or an error. */
export type Subject = { work: WorkId | string } | { error: ErrorId }

const mostComments = 2_000

/** What a session would be asked, for a person to look over. Throws `not_found`. */
export async function promptFor(db: Db, subject: Subject): Promise<string> {
  return 'work' in subject ? promptForWork(db, subject.work) : promptForError(db, subject.error)
}

export type Assignment = Omit<NewPromptBody, 'content'> & { content?: string | undefined }

interface How {
  by: string
  /** What an item becomes when its prompt is completed. */
  whenDone: 'review' | 'done'
}

export type Queue = Pick<Web, 'database' | 'clock'>

/**
 * Queues the prompt, in the given words or in ours, and links it with what it is for. That there is such a session,
 * whoever asks has found out.
 */
export async function assign(queue: Queue, subject: Subject, body: Assignment, how: How): Promise<Prompt> {
  const content = body.content ?? (await promptFor(queue.database.kysely, subject))
  return 'work' in subject
    ? assignWork(queue, subject.work, { ...body, content }, how)
    : assignError(queue, subject.error, { ...body, content })
}

async function assignWork(
  { database, clock }: Queue,
  ref: WorkId | string,
  body: NewPromptBody,
  { by, whenDone }: How,
): Promise<Prompt> {
  const item = await getWork(database.kysely, ref)
  const { rootPath } = await getProject(database.kysely, item.projectId)
  const purpose = { work_item_id: item.id, work_item: item.key, when_done: whenDone }
  const metadata = { ...body.metadata, ...purpose }
  const aimed = namesTarget(body) ? body : { ...body, target_dir: rootPath }
  const { prompt } = await submit(database, newPromptOf({ ...aimed, metadata }), clock.now())
  const assignee = body.target_session ? `session:${body.target_session}` : null
  const given = { promptId: prompt.id, whenDone, assignee }
  // Should this process die here, whoever follows the log does the same by the prompt's metadata.
  await database.write((db) => giveForWork(db, item.id, given, clock.now(), by))
  return prompt
}

async function assignError({ database, clock }: Queue, id: ErrorId, body: NewPromptBody): Promise<Prompt> {
  const group = await getErrorGroup(database.kysely, id)
  const metadata = { ...body.metadata, error_id: group.id }
  const { prompt } = await submit(database, newPromptOf({ ...body, metadata }), clock.now())
  await database.write((db) => linkErrorPrompt(db, group.id, prompt.id, clock.now()))
  return prompt
}

/** Without one, what is idle inside the project's folder gets it. */
function namesTarget(body: NewPromptBody): boolean {
  const { target_session, target_agent, target_tier, target_tag, target_dir, target_node, target_manager } =
    body
  const named = [
    target_session,
    target_agent,
    target_tier,
    target_tag,
    target_dir,
    target_node,
    target_manager,
  ]
  return named.some((each) => each !== undefined && each !== null)
}

async function promptForWork(db: Db, ref: WorkId | string): Promise<string> {
  const item = await getWork(db, ref)
  const [project, milestone, comments] = await Promise.all([
    getProject(db, item.projectId),
    item.milestoneId === null ? null : getMilestone(db, item.milestoneId),
    commentsOfWork(db, item.id, { limit: mostComments }),
  ])
  return workPrompt({ item, project, milestone, comments })
}

async function promptForError(db: Db, id: ErrorId): Promise<string> {
  const group = await getErrorGroup(db, id)
  const [samples, nodes] = await Promise.all([listErrorSamples(db, group.id), listErrorNodes(db, group.id)])
  return fixPrompt(
    group,
    samples,
    nodes.map(({ node }) => node),
  )
}
