import { tryRule } from '../../broker/interactions/new-rule.ts'
import { getPattern, listPatterns, versionsOf } from '../../db/pattern/read.ts'
import { getPermissions } from '../../db/permissions.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'

/** The rules that answer permission prompts, and what each tier is granted without one. */
export const patternsPage: Page = definePage({
  path: '/patterns',
  name: 'patterns',
  area: 'needs-you',
  topics: ['sessions', 'queue'],
  async load({ web }) {
    const db = web.database.kysely
    const [patterns, permissions] = await Promise.all([listPatterns(db), getPermissions(db)])
    return { title: 'Rules', patterns, permissions }
  },
})

/** As many of the cases of a dry run as a page shows. */
const shownCases = 100

/** One rule: what it says, what it would have changed, and what it was before. */
export const patternPage: Page = definePage({
  path: '/patterns/:id',
  name: 'pattern',
  area: 'needs-you',
  topics: ['sessions'],
  params: idParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const pattern = await getPattern(db, params.id)
    const [tried, versions] = await Promise.all([tryRule(web.database, pattern), versionsOf(db, pattern.id)])
    return { title: `Rule ${pattern.id}`, pattern, versions, tried, cases: tried.cases.slice(0, shownCases) }
  },
})
