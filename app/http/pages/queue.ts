import { z } from 'zod'
import { promptStates, type PromptState } from '../../core/prompt.ts'
import { promptCounts } from '../../db/prompts.ts'
import { listPromptSummaries, promptSorts } from '../../db/prompt/summary.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'

const pageSize = 50

/** Filters that people think in, each a set of states. */
const views = {
  all: promptStates,
  waiting: ['staged', 'pending'],
  running: ['assigned', 'in_progress', 'restarting'],
  completed: ['completed'],
  failed: ['failed'],
  cancelled: ['cancelled'],
} as const satisfies Record<string, readonly PromptState[]>
type View = keyof typeof views

const viewNames = Object.keys(views) as [View, ...View[]]

const querySchema = z.object({
  view: z.enum(viewNames).catch('all'),
  q: z.string().trim().max(200).catch(''),
  session: z.string().trim().max(200).catch(''),
  sort: z.enum(promptSorts).optional().catch(undefined),
  page: pageNumber,
})

/** Every prompt: what waits, in the order in which it is given out, what runs, and what ended how. */
export const queuePage: Page = definePage({
  path: '/queue',
  name: 'queue',
  area: 'queue',
  topics: ['prompts', 'queue'],
  query: querySchema,
  async load({ web, query }) {
    const db = web.database.kysely
    const { view, q, session, page } = query
    const sort = query.sort ?? (view === 'waiting' ? 'queue' : 'newest')
    const [counts, rows] = await Promise.all([
      promptCounts(db),
      listPromptSummaries(db, {
        ...(view !== 'all' && { states: views[view] }),
        ...(q && { search: q }),
        ...(session && { sessionName: session }),
        sort,
        limit: pageSize + 1,
        offset: (page - 1) * pageSize,
      }),
    ])
    const link = addressWith('/queue', {
      view: view === 'all' ? '' : view,
      q,
      session,
      sort: query.sort ?? '',
    })
    return {
      title: 'Queue',
      rows: rows.slice(0, pageSize),
      tabs: viewNames.map((name) => ({
        name,
        count: views[name].reduce((sum, state) => sum + counts[state], 0),
        isCurrent: name === view,
        href: link({ view: name === 'all' ? '' : name, sort: '' }),
      })),
      query: { view, q, session, sort },
      isFiltered: q !== '' || session !== '',
      failedCount: counts.failed,
      pages: pagesAround(page, rows.length > pageSize, link),
      sorts: promptSorts,
      isEmpty: Object.values(counts).every((count) => count === 0),
    }
  },
})
