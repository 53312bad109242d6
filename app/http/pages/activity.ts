import { z } from 'zod'
import { nouns } from '../../core/event.ts'
import { listActivity, type ActivityFilter } from '../../db/activity.ts'
import { addressWith } from '../address.ts'
import { activityWords } from '../activity-words.ts'
import { definePage, type Page } from '../page.ts'
import { idSchema } from '../schemas/list.ts'

const pageSize = 100

const kinds = ['people', 'everything'] as const

/** Who did what, on which, when, and from where. */
export const activityPage: Page = definePage({
  path: '/activity',
  name: 'activity',
  area: 'activity',
  topics: ['prompts', 'sessions', 'queue', 'processes', 'accounts', 'errors'],
  query: z.object({
    by: z.enum(kinds).catch('everything'),
    who: z.string().trim().max(100).catch(''),
    on: z.enum(nouns).optional().catch(undefined),
    before: idSchema.optional().catch(undefined),
  }),
  async load({ web, query, caller }) {
    const { by, who, on, before } = query
    const filter: ActivityFilter = {
      limit: pageSize + 1,
      ...(by === 'people' && { actorKinds: ['user', 'token'] as const }),
      ...(who && { actorName: who }),
      ...(on && { noun: on }),
      ...(before !== undefined && { before }),
      // Other people's accounts are the business of admins.
      ...(caller?.role !== 'admin' && { without: ['account', 'login'] as const }),
    }
    const events = await listActivity(web.database.kysely, filter)
    const shown = events.slice(0, pageSize)
    const link = addressWith('/activity', { by: by === 'everything' ? '' : by, who, on: on ?? '' })
    return {
      title: 'Activity',
      rows: shown.map((event) => ({ ...event, ...activityWords(event) })),
      query: { by, who, on },
      nouns,
      tabs: kinds.map((name) => ({
        name,
        isCurrent: name === by,
        href: link({ by: name === 'everything' ? '' : name }),
      })),
      isFirst: before === undefined,
      first: link({}),
      next: events.length > pageSize ? link({ before: String(shown.at(-1)!.id) }) : null,
    }
  },
})
