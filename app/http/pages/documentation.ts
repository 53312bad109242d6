import { z } from 'zod'
import { findDocuments, getDocument, readDocuments } from '../documents.ts'
import { renderMarkdown } from '../markdown.ts'
import { definePage, type Page } from '../page.ts'

/** What can be read, with a search over it. */
export const documentationPage: Page = definePage({
  path: '/documentation',
  name: 'documentation',
  area: 'documentation',
  query: z.object({ q: z.string().trim().max(200).catch('') }),
  async load({ query: { q } }) {
    return { title: 'Documentation', documents: await findDocuments(q), q }
  },
})

export const documentPage: Page = definePage({
  path: '/documentation/:name',
  name: 'document',
  area: 'documentation',
  params: z.object({ name: z.string().max(100) }),
  async load({ params }) {
    const { name, title, text } = await getDocument(params.name)
    return { title, html: renderMarkdown(text), documents: await readDocuments(), name }
  },
})
