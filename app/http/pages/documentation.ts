import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { packageRoot } from '../../core/paths.ts'
import { renderMarkdown } from '../markdown.ts'
import { definePage, type Page } from '../page.ts'

const folder = join(packageRoot, 'views/docs')

interface Document {
  name: string
  title: string
  /** The first sentence after the title. */
  about: string
  text: string
}

/** What can be read, with a search over it. */
export const documentationPage: Page = definePage({
  path: '/documentation',
  name: 'documentation',
  area: 'documentation',
  query: z.object({ q: z.string().trim().max(200).catch('') }),
  load: ({ query }) => {
    const words = query.q.toLowerCase().split(/\s+/).filter(Boolean)
    const found = documents().filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
    return Promise.resolve({ title: 'Documentation', documents: found, q: query.q })
  },
})

export const documentPage: Page = definePage({
  path: '/documentation/:name',
  name: 'document',
  area: 'documentation',
  params: z.object({ name: z.string().max(100) }),
  load: ({ params }) => {
    const wanted = params.name.replace(/\.md$/, '')
    const document = documents().find(({ name }) => name === wanted)
    if (!document) throw new AppError('not_found', `There is no document "${wanted}".`)
    const html = renderMarkdown(document.text)
    return Promise.resolve({ title: document.title, html, documents: documents(), name: document.name })
  },
})

/** Read when they are asked for: few and small, and new at once after an update. */
function documents(): Document[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const lines = text.split('\n').filter((line) => line.trim() !== '')
      const title = (lines[0] ?? file).replace(/^#+\s*/, '')
      return { name: file.slice(0, -3), title, about: lines[1] ?? '', text }
    })
}
