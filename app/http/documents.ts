import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../core/errors.ts'
import { packageRoot } from '../core/paths.ts'

/** What is written for users, in `views/docs`. */
export interface Document {
  /** Without `.md`. */
  name: string
  title: string
  /** The first sentence after the title. */
  about: string
  text: string
  updatedAt: number
}

/** Read when they are asked for: few and small, and new at once after an update. */
export async function readDocuments(): Promise<Document[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).toSorted()
  return Promise.all(files.map(readDocument))
}

/** Those with all of these words. */
export async function findDocuments(q: string): Promise<Document[]> {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const documents = await readDocuments()
  return documents.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
}

/** By its name, with or without `.md`. Throws `not_found`; a name never becomes a path. */
export async function getDocument(name: string): Promise<Document> {
  const wanted = name.replace(/\.md$/, '')
  const document = (await readDocuments()).find((each) => each.name === wanted)
  if (!document) throw new AppError('not_found', `There is no document "${wanted}".`)
  return document
}

const folder = join(packageRoot, 'views/docs')

async function readDocument(file: string): Promise<Document> {
  const path = join(folder, file)
  const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const title = (lines[0] ?? file).replace(/^#+\s*/, '')
  return { name: file.slice(0, -3), title, about: lines[1] ?? '', text, updatedAt: Math.floor(mtimeMs) }
}
