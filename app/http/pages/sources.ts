import { z } from 'zod'
import { includesRole } from '../../core/account.ts'
import { getCodeFolders } from '../../db/settings.ts'
import { scanSources } from '../../sources/projects/scan-sources.ts'
import { definePage, type Page } from '../page.ts'

/** Projects in the code folders; they are looked for when somebody asks, because git is asked for each. */
export const sourcesPage: Page = definePage({
  path: '/sources',
  name: 'sources',
  area: 'work',
  access: { role: 'operator', scope: 'prompts' },
  query: z.object({ look: z.literal('1').optional().catch(undefined) }),
  async load({ web, query, caller }) {
    const db = web.database.kysely
    const { folders } = await getCodeFolders(db)
    const scanned = query.look === '1' ? await scanSources(db) : null
    return {
      title: 'Code folders',
      codeFolders: folders,
      scanned,
      isAdmin: caller !== null && includesRole(caller.role, 'admin'),
    }
  },
})
