import { z } from 'zod'
import { promptStates, type PromptId, type PromptState } from '../../core/prompt.ts'
import { promptCounts } from '../../db/prompts.ts'
import { partsOf, type Parts } from '../../db/prompt/parts.ts'
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
    const filter = {
      ...(view !== 'all' && { states: views[view] }),
      ...(session && { sessionName: session }),
    }
    // In any other order, and in what words were searched for, each stands where it belongs by itself.
    const isTree = q === '' && (sort === 'newest' || sort === 'oldest')
    const [counts, rows] = await Promise.all([
      promptCounts(db),
      listPromptSummaries(db, {
        ...filter,
        ...(q && { search: q }),
        tops: isTree,
        sort,
        limit: pageSize + 1,
        offset: (page - 1) * pageSize,
      }),
    ])
    const shown = rows.slice(0, pageSize)
    const parts = isTree
      ? await partsOf(
          db,
          shown.map(({ id }) => id),
          filter,
        )
      : new Map<PromptId, Parts>()
    const link = addressWith('/queue', {
      view: view === 'all' ? '' : view,
      q,
      session,
      sort: query.sort ?? '',
    })
    return {
      title: 'Queue',
      rows: shown.map((prompt) => ({ ...prompt, parts: partsToShow(parts.get(prompt.id)) })),
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

/** What is told of parts before they are unfolded: `2 running · 5 completed`. */
function partsToShow(parts: Parts | undefined) {
  if (!parts) return null
  const counts = promptStates.flatMap((state) => {
    const count = parts.states.filter((each) => each === state).length
    return count === 0 ? [] : [{ state, count }]
  })
  const isOpen = parts.states.some((state) => (views.running as readonly PromptState[]).includes(state))
  return { ...parts, counts, isOpen, more: parts.states.length - parts.shown.length }
}
