import { z } from 'zod'
import { severities, workGlyph, workKinds, workStatuses, type WorkStatus } from '../../core/work.ts'
import { countWork, listWork, workOrders, type WorkFilter } from '../../db/work/read.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'
import { idSchema } from '../schemas/list.ts'
import { kindNames } from '../work-kinds.ts'
import { openProjects, shownWork } from './work-view.ts'

const pageSize = 50

const views = ['unfinished', ...workStatuses, 'all'] as const
type View = (typeof views)[number]

function statusesOf(view: View): readonly WorkStatus[] | undefined {
  if (view === 'all') return undefined
  return view === 'unfinished' ? ['open', 'queued', 'in_progress', 'review'] : [view]
}

/** What narrows down a list of work; what is no choice is none. */
export const workChoices = {
  kind: z.enum(workKinds).optional().catch(undefined),
  project: idSchema.optional().catch(undefined),
  milestone: idSchema.optional().catch(undefined),
  assignee: z.string().trim().max(300).catch(''),
}

interface Choices {
  kind?: (typeof workKinds)[number] | undefined
  project?: number | undefined
  milestone?: number | undefined
  assignee: string
}

export function filterOfChoices({ kind, project, milestone, assignee }: Choices): WorkFilter {
  return {
    ...(kind && { kinds: [kind] }),
    ...(project !== undefined && { projectId: project }),
    ...(milestone !== undefined && { milestoneId: milestone }),
    ...(assignee !== '' && { assignee }),
  }
}

/** Features, bugs and devops tasks of all projects. */
export const workPage: Page = definePage({
  path: '/work',
  name: 'work',
  area: 'work',
  topics: ['work'],
  query: z.object({
    ...workChoices,
    view: z.enum(views).catch('unfinished'),
    severity: z.enum(severities).optional().catch(undefined),
    q: z.string().trim().max(200).catch(''),
    order: z.enum(workOrders).catch('newest'),
    page: pageNumber,
  }),
  async load({ web, query }) {
    const { view, severity, q, order, page } = query
    const db = web.database.kysely
    const filter: WorkFilter = {
      ...filterOfChoices(query),
      ...(severity && { severities: [severity] }),
      ...(q !== '' && { text: q }),
    }
    const statuses = statusesOf(view)
    const slice = { limit: pageSize + 1, offset: (page - 1) * pageSize, order }
    const [items, counts, projects] = await Promise.all([
      listWork(db, { ...filter, ...(statuses && { statuses }) }, slice),
      countWork(db, filter),
      openProjects(db),
    ])
    const link = addressWith('/work', presentOf(query))
    const countOf = (name: View) =>
      (statusesOf(name) ?? workStatuses).reduce((sum, status) => sum + (counts[status] ?? 0), 0)
    const isFiltered = Object.keys(filter).length > 0
    return {
      title: 'Work',
      rows: items.slice(0, pageSize).map(shownWork),
      tabs: views.map((name) => ({
        name,
        count: countOf(name),
        glyph: name === 'all' || name === 'unfinished' ? '' : workGlyph[name],
        isCurrent: name === view,
        href: link({ view: name === 'unfinished' ? '' : name, page: '' }),
      })),
      query,
      projects,
      kinds: kindNames,
      severities,
      orders: workOrders,
      isFiltered,
      isEmpty: countOf('all') === 0 && !isFiltered,
      pages: pagesAround(page, items.length > pageSize, link),
      exported: {
        csv: addressWith('/api/work/export', exportOf(query, statuses))({ format: 'csv' }),
        json: addressWith('/api/work/export', exportOf(query, statuses))({ format: 'json' }),
      },
    }
  },
})

type Query = Choices & { view: View; severity?: string | undefined; q: string; order: string }

function presentOf({ kind, project, milestone, assignee, view, severity, q, order }: Query) {
  return {
    kind: kind ?? '',
    project: String(project ?? ''),
    milestone: String(milestone ?? ''),
    assignee,
    severity: severity ?? '',
    q,
    view: view === 'unfinished' ? '' : view,
    order: order === 'newest' ? '' : order,
  }
}

function exportOf(query: Query, statuses: readonly string[] | undefined) {
  const { kind, project, milestone, assignee, severity, q } = presentOf(query)
  const status = statuses?.join(',') ?? ''
  return { kind, project_id: project, milestone_id: milestone, assignee, severity, q, status }
}
