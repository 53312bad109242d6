import { z } from 'zod'
import { workGlyph, type WorkStatus } from '../../core/work.ts'
import { countWork, listWork } from '../../db/work/read.ts'
import { definePage, type Page } from '../page.ts'
import { filterOfChoices, workChoices } from './work.ts'
import { kindNames } from '../work-kinds.ts'
import { openProjects, shownWork } from './work-view.ts'

const columns: readonly WorkStatus[] = ['open', 'queued', 'in_progress', 'review', 'done']
/** More than these are in the list. */
const shownCards = 50
/** What is done is here to be seen once more. */
const shownDone = 15

/** The same work in columns by status, to be moved by hand, by keys, or with the pointer. */
export const boardPage: Page = definePage({
  path: '/board',
  name: 'board',
  area: 'work',
  topics: ['work'],
  query: z.object(workChoices),
  async load({ web, query }) {
    const db = web.database.kysely
    const filter = filterOfChoices(query)
    const [counts, projects, ...lists] = await Promise.all([
      countWork(db, filter),
      openProjects(db),
      ...columns.map((status) =>
        listWork(
          db,
          { ...filter, statuses: [status] },
          status === 'done'
            ? { limit: shownDone, order: 'updated' }
            : { limit: shownCards, order: 'priority' },
        ),
      ),
    ])
    return {
      title: 'Board',
      columns: columns.map((status, index) => ({
        status,
        glyph: workGlyph[status],
        count: counts[status] ?? 0,
        cards: lists[index]!.map(shownWork),
      })),
      query,
      projects,
      kinds: kindNames,
      isEmpty: Object.keys(counts).length === 0 && Object.keys(filter).length === 0,
    }
  },
})
