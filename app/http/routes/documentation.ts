import { z } from 'zod'
import { findDocuments, getDocument } from '../documents.ts'
import { defineRoute, type Route } from '../route.ts'
import { pageOf } from '../schemas/list.ts'

const tag = 'Documentation'
const access = { role: 'viewer', scope: 'read' } as const

const documentSchema = z.object({
  name: z.string(),
  title: z.string(),
  about: z.string(),
  size_bytes: z.number(),
  updated_at: z.number(),
})

const listRoute = defineRoute({
  method: 'get',
  path: '/api/documentation',
  tag,
  summary: 'The documents for users, all or those with these words',
  access,
  query: z.object({ q: z.string().max(200).default('') }),
  reply: pageOf(documentSchema),
  async handle({ query }) {
    const found = await findDocuments(query.q)
    const items = found.map(({ name, title, about, text, updatedAt }) => ({
      name,
      title,
      about,
      size_bytes: Buffer.byteLength(text),
      updated_at: updatedAt,
    }))
    return { items, next_cursor: null }
  },
})

const getRoute = defineRoute({
  method: 'get',
  path: '/api/documentation/:name',
  tag,
  summary: 'One document in Markdown',
  access,
  params: z.object({ name: z.string().max(100) }),
  reply: z.object({ name: z.string(), title: z.string(), markdown: z.string(), updated_at: z.number() }),
  async handle({ params }) {
    const { name, title, text, updatedAt } = await getDocument(params.name)
    return { name, title, markdown: text, updated_at: updatedAt }
  },
})

export const documentationRoutes: readonly Route[] = [listRoute, getRoute]
