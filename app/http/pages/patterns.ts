import { z } from 'zod'
import { tryRule } from '../../broker/interactions/new-rule.ts'
import { getPattern, listPatterns, versionsOf } from '../../db/pattern/read.ts'
import { getPermissions } from '../../db/permissions.ts'
import { builtInTools } from '../../core/interaction.ts'
import { effects, policyTiers, type Pattern } from '../../core/pattern.ts'
import { definePage, type Page } from '../page.ts'
import { idParams, idSchema } from '../schemas/list.ts'

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

/** Who may make and change rules. */
const settling = { role: 'admin', scope: 'admin' } as const

/** A rule that is written by hand, or like another one. */
export const newPatternPage: Page = definePage({
  path: '/patterns/new',
  name: 'pattern-form',
  area: 'needs-you',
  access: settling,
  query: z.object({ like: idSchema.optional().catch(undefined) }),
  async load({ web, query }) {
    const like = query.like === undefined ? null : await getPattern(web.database.kysely, query.like)
    return { title: 'New rule', pattern: null, ...formOf(like) }
  },
})

/** Other words for a rule; what is kept is its next version. */
export const editPatternPage: Page = definePage({
  path: '/patterns/:id/edit',
  name: 'pattern-form',
  area: 'needs-you',
  access: settling,
  params: idParams,
  async load({ web, params }) {
    const pattern = await getPattern(web.database.kysely, params.id)
    return { title: `Edit rule ${pattern.id}`, pattern, ...formOf(pattern) }
  },
})

function formOf(filled: Pattern | null) {
  return { filled, conditions: filled?.conditions ?? {}, effects, tiers: policyTiers, tools: builtInTools }
}

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
