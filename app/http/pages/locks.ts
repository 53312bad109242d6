import { listLocks } from '../../db/lock/read.ts'
import { getBranchRules } from '../../db/settings.ts'
import { definePage, type Page } from '../page.ts'

/** Who works on which branch and files. */
export const locksPage: Page = definePage({
  path: '/locks',
  name: 'locks',
  area: 'sessions',
  topics: ['sessions'],
  async load({ web }) {
    const db = web.database.kysely
    return { title: 'Locks', locks: await listLocks(db), rules: await getBranchRules(db) }
  },
})
