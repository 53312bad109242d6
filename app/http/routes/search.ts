import { z } from 'zod'
import { findAll, foundKinds } from '../find.ts'
import { defineRoute, type Route } from '../route.ts'
import { limitSchema, pageOf, severalOf } from '../schemas/list.ts'

export const searchRoute: Route = defineRoute({
  method: 'get',
  path: '/api/search',
  tag: 'Search',
  summary:
    'Work, comments, milestones, projects, errors, prompts and documents with all of these words, the best fitting first',
  access: { role: 'viewer', scope: 'read' },
  query: z.object({
    q: z.string().max(200).describe('each word may be the beginning of one'),
    kind: severalOf(foundKinds),
    limit: limitSchema,
  }),
  reply: pageOf(
    z.object({
      kind: z.enum(foundKinds),
      id: z.string(),
      title: z.string(),
      path: z.string().describe('of its page'),
      state: z.string(),
    }),
  ),
  async handle({ web, query: { q, kind, limit } }) {
    const items = await findAll(web.database.kysely, q, { limit, ...(kind && { kinds: kind }) })
    return { items, next_cursor: null }
  },
})
