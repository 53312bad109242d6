import type { Milestone } from '../core/milestone.ts'
import type { Project } from '../core/project.ts'
import type { WorkComment, WorkItem, WorkKind } from '../core/work.ts'

/** Of what was said last. */
const shownComments = 10
const commentChars = 2_000

/** What a session is asked to do, and how it is told that it is done. */
const orders: Record<WorkKind, { order: (key: string) => string; end: string }> = {
  feature: {
    order: (key) => `Build feature ${key}.`,
    end: 'Write tests that prove it works. Say at the end what you built, and what is left to do.',
  },
  bug: {
    order: (key) => `Find the cause of bug ${key} and fix it.`,
    end: 'Write a test that fails because of it first, where that is possible. Say at the end what the cause was.',
  },
  devops_task: {
    order: (key) => `Do devops task ${key}.`,
    end: 'Change nothing that it does not ask for. Say at the end what you did, and how it can be undone.',
  },
}

interface Subject {
  item: WorkItem
  project: Project
  milestone: Milestone | null
  comments: readonly WorkComment[]
}

/** The prompt by which a session is given a feature, a bug or a devops task. */
export function workPrompt({ item, project, milestone, comments }: Subject): string {
  const { order, end } = orders[item.kind]
  const by = milestone?.targetDate ? `, by ${milestone.targetDate}` : ''
  return [
    order(item.key),
    '',
    `# ${item.title}`,
    '',
    `Project: ${project.name}${project.rootPath === null ? '' : ` (${project.rootPath})`}`,
    ...(milestone ? [`Milestone: ${milestone.name}${by}`] : []),
    ...(item.severity ? [`Severity: ${item.severity}`] : []),
    ...(item.description.trim() ? ['', item.description.trim()] : []),
    ...commentLines(comments),
    '',
    end,
  ].join('\n')
}

function commentLines(comments: readonly WorkComment[]): string[] {
  if (comments.length === 0) return []
  const last = comments.slice(-shownComments)
  return [
    '',
    '## What was said about it',
    ...last.flatMap(({ author, body }) => ['', `${author}: ${cut(body)}`]),
  ]
}

function cut(text: string): string {
  return text.length > commentChars ? `${text.slice(0, commentChars)}…`.toWellFormed() : text
}
