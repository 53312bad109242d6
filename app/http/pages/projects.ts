import { z } from 'zod'
import { progressOf } from '../../core/milestone.ts'
import { projectGlyph, projectLimits, projectStatuses, type Project } from '../../core/project.ts'
import { listMilestones, progressOfMilestones } from '../../db/milestone/read.ts'
import { countProjects, getProject, listProjects, progressOfProjects } from '../../db/project/read.ts'
import { countWork, listWork } from '../../db/work/read.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { renderMarkdown } from '../markdown.ts'
import { definePage, type Page } from '../page.ts'
import { projectRefSchema } from '../schemas/project.ts'
import { shownWork } from './work-view.ts'

const operating = { role: 'operator', scope: 'prompts' } as const
const params = z.object({ id: projectRefSchema })
const pageSize = 50
const shownItems = 12
const shownMilestones = 100

const views = ['current', 'archived'] as const

/** What people work on, with how far it is. */
export const projectsPage: Page = definePage({
  path: '/projects',
  name: 'projects',
  area: 'work',
  topics: ['work'],
  query: z.object({ view: z.enum(views).catch('current'), page: pageNumber }),
  async load({ web, query: { view, page } }) {
    const db = web.database.kysely
    const statuses = view === 'archived' ? (['archived'] as const) : (['active', 'paused'] as const)
    const slice = { limit: pageSize + 1, offset: (page - 1) * pageSize }
    const [found, counts] = await Promise.all([listProjects(db, { statuses }, slice), countProjects(db)])
    const shown = found.slice(0, pageSize)
    const progress = await progressOfProjects(
      db,
      shown.map(({ id }) => id),
    )
    const countOf = (name: (typeof views)[number]) =>
      name === 'archived' ? (counts.archived ?? 0) : (counts.active ?? 0) + (counts.paused ?? 0)
    return {
      title: 'Projects',
      rows: shown.map((project) => ({ ...shownProject(project), progress: progress.get(project.id)! })),
      tabs: views.map((name) => ({
        name,
        count: countOf(name),
        isCurrent: name === view,
        href: name === 'current' ? '/projects' : `/projects?view=${name}`,
      })),
      isEmpty: countOf('current') + countOf('archived') === 0,
      pages: pagesAround(page, found.length > pageSize, addressWith('/projects', { view })),
    }
  },
})

/** One project: its milestones with their progress, and what is to be done. */
export const projectPage: Page = definePage({
  path: '/projects/:id',
  name: 'project',
  area: 'work',
  topics: ['work'],
  params,
  async load({ web, params: { id } }) {
    const db = web.database.kysely
    const project = await getProject(db, id)
    const filter = { projectId: project.id, statuses: ['open', 'queued', 'in_progress', 'review'] as const }
    const [milestones, counts, items] = await Promise.all([
      listMilestones(
        db,
        { projectId: project.id, statuses: ['open', 'completed'] },
        { limit: shownMilestones },
      ),
      countWork(db, { projectId: project.id }),
      listWork(db, filter, { limit: shownItems, order: 'priority' }),
    ])
    const progress = await progressOfMilestones(
      db,
      milestones.map((milestone) => milestone.id),
    )
    const today = new Date(web.clock.now()).toISOString().slice(0, 10)
    return {
      title: project.name,
      project: shownProject(project),
      description: renderMarkdown(project.description),
      progress: progressOf(counts),
      milestones: milestones.map((milestone) => ({
        ...milestone,
        progress: progress.get(milestone.id)!,
        isLate: milestone.status === 'open' && milestone.targetDate !== null && milestone.targetDate < today,
      })),
      items: items.map(shownWork),
    }
  },
})

export const newProjectPage: Page = definePage({
  path: '/projects/new',
  name: 'project-form',
  area: 'work',
  access: operating,
  load: () => Promise.resolve({ title: 'New project', project: null, limits: projectLimits }),
})

export const editProjectPage: Page = definePage({
  path: '/projects/:id/edit',
  name: 'project-form',
  area: 'work',
  access: operating,
  params,
  async load({ web, params: { id } }) {
    const project = await getProject(web.database.kysely, id)
    return { title: `Edit ${project.name}`, project, limits: projectLimits, statuses: projectStatuses }
  },
})

function shownProject(project: Project) {
  return { ...project, glyph: projectGlyph[project.status] }
}
