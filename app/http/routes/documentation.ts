import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { readDocuments } from '../documents.ts'
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
    const words = query.q.toLowerCase().split(/\s+/).filter(Boolean)
    const documents = await readDocuments()
    const found = documents.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
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
    const wanted = params.name.replace(/\.md$/, '')
    // Looked up in the list: a name never becomes a path.
    const document = (await readDocuments()).find(({ name }) => name === wanted)
    if (!document) throw new AppError('not_found', `There is no document "${wanted}".`)
    const { name, title, text, updatedAt } = document
    return { name, title, markdown: text, updated_at: updatedAt }
  },
})

export const documentationRoutes: readonly Route[] = [listRoute, getRoute]
