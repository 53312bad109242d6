import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { fileLimits } from '../../core/project-file.ts'
import type { Project } from '../../core/project.ts'
import { appendEvent } from '../../db/events.ts'
import { getProject, listProjects } from '../../db/project/read.ts'
import type { Db } from '../../db/schema.ts'
import { getWork } from '../../db/work/read.ts'
import { filesOfFeature } from '../../files/feature-files.ts'
import { groundOf } from '../../files/ground.ts'
import { readProjectFile } from '../../files/read-file.ts'
import { writeProjectFile } from '../../files/write-file.ts'
import { defineRoute, type Access, type Route } from '../route.ts'
import { workParams } from '../schemas/work.ts'
import type { Web } from '../web.ts'

const tag = 'Files'
/** Whoever may send prompts may have an agent read and write there anyway. */
const operator: Access = { role: 'operator', scope: 'prompts' }

const place = z.object({
  path: z
    .string()
    .min(1)
    .max(fileLimits.pathChars)
    .describe("from the project's folder on; without a project, absolute and in the folder of one"),
  project: z.union([z.number().int().positive(), z.string().max(20)]).optional(),
})

const readRoute = defineRoute({
  method: 'post',
  path: '/api/files/read',
  tag,
  summary: 'Read a file inside of a project, with the version that a write has to name',
  access: operator,
  body: place,
  reply: z.object({
    success: z.literal(true),
    project: z.string(),
    path: z.string(),
    content: z.string(),
    encoding: z.enum(['utf-8', 'base64']),
    size_bytes: z.number(),
    version: z.string(),
    modified_at: z.number(),
  }),
  async handle({ web, body }) {
    const { project, ground, path } = await placeOf(web, body)
    const file = await readProjectFile(ground, path)
    const { content, encoding, version, sizeBytes, modifiedAt } = file
    const about = { success: true as const, project: project.key, path, content, encoding }
    return { ...about, size_bytes: sizeBytes, version, modified_at: modifiedAt }
  },
})

const writeRoute = defineRoute({
  method: 'post',
  path: '/api/files/write',
  tag,
  summary: 'Replace a file by the version that was read, or make one; 409 when it is another by now',
  access: operator,
  bodyBytes: 3 * fileLimits.bytes,
  body: place.extend({
    content: z.string(),
    encoding: z.enum(['utf-8', 'base64']).default('utf-8'),
    line_ends: z
      .enum(['as_sent', 'crlf'])
      .default('as_sent')
      .describe('crlf: each newline is sent as LF alone, as by the field of a browser, and written as CRLF'),
    version: z.string().max(64).nullish().describe('as it was read; none: there must be no such file'),
  }),
  reply: z.object({
    success: z.literal(true),
    project: z.string(),
    path: z.string(),
    version: z.string(),
    size_bytes: z.number(),
    is_new: z.boolean(),
  }),
  async handle({ web, body }) {
    const { project, ground, path } = await placeOf(web, body)
    const content = bytesOf(withLineEnds(body.content, body.line_ends), body.encoding)
    const written = await writeProjectFile(ground, { path, content, version: body.version ?? null })
    const { version, sizeBytes, isNew } = written
    await web.database.write(async (db) => {
      const data = { name: project.name, detail: path, version, sizeBytes, isNew }
      const event = { noun: 'project', nounId: String(project.id), type: 'write_file', data } as const
      appendEvent(db, { ...event, at: web.clock.now() })
    })
    const about = { success: true as const, project: project.key, path }
    return { ...about, version, size_bytes: sizeBytes, is_new: isNew }
  },
})

const featureRoute = defineRoute({
  method: 'get',
  path: '/api/files/feature/:id',
  tag,
  summary: 'The files that a feature names, and those that sessions changed for it',
  access: { role: 'viewer', scope: 'read' },
  params: workParams,
  reply: z.object({
    project: z.string(),
    items: z.array(z.object({ path: z.string(), named: z.boolean(), prompt_ids: z.array(z.number()) })),
  }),
  async handle({ web, params }) {
    const db = web.database.kysely
    const item = await getWork(db, params.id)
    const files = await filesOfFeature(db, item)
    const { key } = await getProject(db, item.projectId)
    return {
      project: key,
      items: files.map(({ path, named, promptIds }) => ({ path, named, prompt_ids: promptIds })),
    }
  },
})

async function placeOf(web: Web, { path, project: ref }: z.output<typeof place>) {
  const db = web.database.kysely
  const { project, inside } =
    ref === undefined ? await projectAround(db, path) : { project: await getProject(db, ref), inside: path }
  return { project, ground: groundOf(project, web.config.dataDir), path: inside }
}

/** The project with the longest folder that the path begins with, letter by letter. Throws `not_found`. */
async function projectAround(db: Db, path: string): Promise<{ project: Project; inside: string }> {
  const projects = await listProjects(db, {}, { limit: 10_000 })
  const around = projects
    .filter(({ rootPath }) => rootPath !== null && path.startsWith(`${rootPath}/`))
    .toSorted((a, b) => b.rootPath!.length - a.rootPath!.length)
  const project = around[0]
  if (project) return { project, inside: path.slice(project.rootPath!.length + 1) }
  throw new AppError(
    'not_found',
    'No project has its folder there. Name the project, or register the folder.',
  )
}

function withLineEnds(content: string, lineEnds: 'as_sent' | 'crlf'): string {
  return lineEnds === 'crlf' ? content.replace(/\r?\n/g, '\r\n') : content
}

function bytesOf(content: string, encoding: 'utf-8' | 'base64'): Buffer {
  if (encoding === 'base64') {
    const bytes = Buffer.from(content, 'base64')
    if (bytes.toString('base64') === content) return bytes
    throw new AppError('invalid', 'content: is no base64.')
  }
  if (content.isWellFormed()) return Buffer.from(content)
  throw new AppError('invalid', 'content: is no text; send bytes as base64.')
}

export const fileRoutes: readonly Route[] = [readRoute, writeRoute, featureRoute]
