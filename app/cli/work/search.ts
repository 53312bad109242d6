import { UsageError } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { rebuildSearch } from '../../db/search/rebuild.ts'
import { findAll, type Found } from '../../http/find.ts'
import type { Records } from '../../records.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requireHere, withDatabase, withSide, type Sides } from '../with.ts'
import { counted } from '../../core/counted.ts'

const shown = 50

interface SearchDesk {
  find(text: string): Promise<Found[]>
}

const searchDesks: Sides<SearchDesk> = {
  local: ({ database }: Records) => ({ find: (text) => findAll(database.kysely, text, { limit: shown }) }),
  remote: (dashboard: Dashboard) => ({
    async find(text) {
      const query = { q: text, limit: shown }
      return (await dashboard.get<{ items: Found[] }>('/api/search', query)).items
    },
  }),
}

export async function searchHere(words: string[], options: { rebuild?: true; json?: true }): Promise<void> {
  const output = openOutput(options)
  if (options.rebuild) {
    requireHere('search --rebuild')
    const rows = await withDatabase(({ database }) => database.write((db) => rebuildSearch(db)))
    if (output.json) return output.document({ rows })
    return output.line(
      rows === 0 ? 'There is no index here.' : `The index is made anew: ${counted(rows, 'row')}.`,
    )
  }
  if (words.length === 0) throw new UsageError('search: say what to look for.')
  await withSide(searchDesks, async (desk) => {
    const found = await desk.find(words.join(' '))
    if (output.json) return output.document({ items: found, next_cursor: null })
    if (found.length === 0) return output.line('Nothing has these words.')
    output.table(found, [
      { title: 'WHAT', value: ({ kind }) => kind },
      { title: 'ID', align: 'right', value: ({ id }) => id },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'TITLE', flexible: true, value: ({ title }) => title },
    ])
  })
}
