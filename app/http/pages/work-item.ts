import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { maxPriority, minPriority } from '../../core/queue.ts'
import { severities, workKinds, workLimits, type WorkItem } from '../../core/work.ts'
import { listUsers } from '../../db/account/users.ts'
import { listActivity } from '../../db/activity.ts'
import { getMilestone, listMilestones } from '../../db/milestone/read.ts'
import { findProject, getProject } from '../../db/project/read.ts'
import type { Db } from '../../db/schema.ts'
import { commentsOfWork } from '../../db/work/comments.ts'
import { getWork } from '../../db/work/read.ts'
import { filesOfFeature } from '../../files/feature-files.ts'
import { activityWords } from '../activity-words.ts'
import { promptFor } from '../assign.ts'
import { renderMarkdown } from '../markdown.ts'
import { definePage, type Page } from '../page.ts'
import { idSchema } from '../schemas/list.ts'
import { workParams } from '../schemas/work.ts'
import { targetChoices } from '../target-choices.ts'
import { shownLinks } from './work-links.ts'
import { kindNames } from '../work-kinds.ts'
import { openProjects, shownWork } from './work-view.ts'

const operating = { role: 'operator', scope: 'prompts' } as const
const shownEvents = 50
const shownFiles = 100
const shownComments = 500
const offeredMilestones = 200

/** One feature, bug or devops task: what it is about, what it has to do with, and what became of it. */
export const workItemPage: Page = definePage({
  path: '/work/:id',
  name: 'work-item',
  area: 'work',
  topics: ['work', 'prompts', 'errors'],
  params: workParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const item = await getWork(db, params.id)
    const [project, milestone, links, files, comments, events] = await Promise.all([
      getProject(db, item.projectId),
      item.milestoneId === null ? null : getMilestone(db, item.milestoneId),
      shownLinks(db, item),
      filesOfFeature(db, item),
      commentsOfWork(db, item.id, { limit: shownComments }),
      listActivity(db, { noun: 'work', nounId: String(item.id), limit: shownEvents }),
    ])
    return {
      title: item.key,
      item: shownWork(item),
      project,
      milestone,
      links,
      files: files.slice(0, shownFiles),
      description: renderMarkdown(item.description),
      comments: comments.map((comment) => ({ ...comment, html: renderMarkdown(comment.body) })),
      events: events.map((event) => ({ ...event, ...activityWords(event) })),
    }
  },
})

export const newWorkPage: Page = definePage({
  path: '/work/new',
  name: 'work-form',
  area: 'work',
  access: operating,
  query: z.object({
    kind: z.enum(workKinds).catch('feature'),
    project: idSchema.optional().catch(undefined),
    milestone: idSchema.optional().catch(undefined),
  }),
  async load({ web, query }) {
    const db = web.database.kysely
    const projects = await openProjects(db)
    const given = query.project === undefined ? null : await findProject(db, query.project)
    const project = given ?? (projects.length === 1 ? projects[0]! : null)
    return {
      title: `New ${kindNames[query.kind]}`,
      item: null,
      kind: query.kind,
      project,
      projects,
      milestoneId: query.milestone ?? null,
      ...(await choicesOf(db, project?.id ?? null)),
    }
  },
})

export const editWorkPage: Page = definePage({
  path: '/work/:id/edit',
  name: 'work-form',
  area: 'work',
  access: operating,
  params: workParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const item: WorkItem = await getWork(db, params.id)
    const { milestoneId, kind, projectId } = item
    const project = await getProject(db, projectId)
    return {
      title: `Edit ${item.key}`,
      item,
      kind,
      project,
      projects: [],
      milestoneId,
      ...(await choicesOf(db, projectId)),
    }
  },
})

/** The prompt that gives it to a session, to be looked over before it goes. */
export const assignWorkPage: Page = definePage({
  path: '/work/:id/assign',
  name: 'work-assign',
  area: 'work',
  access: operating,
  params: workParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const item = await getWork(db, params.id)
    const [content, { rootPath }, choices] = await Promise.all([
      promptFor(db, { work: item.id }),
      getProject(db, item.projectId),
      targetChoices(db),
    ])
    const session = item.assignee?.startsWith('session:') ? item.assignee.slice('session:'.length) : ''
    // Sent again because the answer was lost, it is the same prompt.
    const formKey = randomUUID()
    return { title: `Assign ${item.key}`, item, content, rootPath, choices, session, formKey }
  },
})

async function choicesOf(db: Db, projectId: number | null) {
  const [milestones, users, { sessions }] = await Promise.all([
    projectId === null
      ? []
      : listMilestones(db, { projectId, statuses: ['open'] }, { limit: offeredMilestones }),
    listUsers(db),
    targetChoices(db),
  ])
  return {
    milestones,
    assignees: [
      ...users.map(({ name }) => `user:${name}`),
      ...sessions.map(({ value }) => `session:${value}`),
    ],
    severities,
    limits: workLimits,
    kinds: kindNames,
    priorities: { least: minPriority, most: maxPriority },
  }
}
