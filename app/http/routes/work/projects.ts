import { z } from 'zod'
import { projectStatuses } from '../../../core/project.ts'
import { getProject, listProjects } from '../../../db/project/read.ts'
import { changeProject, createProject } from '../../../db/project/write.ts'
import { toJson } from '../../../json.ts'
import { realRootPath } from '../../../work/root-path.ts'
import { changingVersion } from '../../if-match.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { limitSchema, cursorSchema, pageAt, pageOf, severalOf } from '../../schemas/list.ts'
import { newProjectBody, projectChangesBody, projectRefSchema, projectSchema } from '../../schemas/project.ts'

const tag = 'Projects'
const viewer: Access = { role: 'viewer', scope: 'read' }
const operator: Access = { role: 'operator', scope: 'prompts' }
const params = z.object({ id: projectRefSchema })
const changedSchema = projectSchema.extend({ success: z.literal(true) })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/projects',
  tag,
  summary: 'All projects by name; archived ones when they are asked for',
  access: viewer,
  query: z.object({ status: severalOf(projectStatuses), limit: limitSchema, cursor: cursorSchema }),
  reply: pageOf(projectSchema),
  async handle({ web, query }) {
    const statuses = query.status ?? (['active', 'paused'] as const)
    const slice = { limit: query.limit + 1, offset: query.cursor ?? 0 }
    return pageAt(toJson(await listProjects(web.database.kysely, { statuses }, slice)), query)
  },
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/projects',
  tag,
  summary: 'Create a project; 409 when its key or its folder is another one’s',
  access: operator,
  status: 201,
  body: newProjectBody,
  reply: changedSchema,
  versioned: true,
  async handle({ web: { database, clock }, caller, body }) {
    const { root_path, repository_url: repositoryUrl, ...rest } = body
    const rootPath = root_path === null ? null : await realRootPath(root_path)
    const words = { ...rest, rootPath, repositoryUrl }
    const project = await database.write((db) => createProject(db, words, caller!.name, clock.now()))
    return { ...toJson(project), success: true as const }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/projects/:id',
  tag,
  summary: 'One project, by its number or its key',
  access: viewer,
  params,
  reply: projectSchema,
  versioned: true,
  handle: async ({ web, params: { id } }) => toJson(await getProject(web.database.kysely, id)),
})

const changeRoute = defineRoute({
  method: 'put',
  path: '/api/projects/:id',
  tag,
  summary: 'Change the fields that are named; with a version (body or If-Match) only that one',
  access: operator,
  params,
  body: projectChangesBody,
  reply: changedSchema,
  versioned: true,
  async handle({ web: { database, clock }, params: { id }, body, ifMatch }) {
    const { root_path, repository_url: repositoryUrl, version: _version, ...rest } = body
    const rootPath = typeof root_path === 'string' ? await realRootPath(root_path) : root_path
    const changes = { ...rest, rootPath, repositoryUrl }
    const project = await changingVersion({ ifMatch, body }, (version) =>
      database.write(async (db) => {
        const { id: projectId } = await getProject(db, id)
        return changeProject(db, projectId, changes, { now: clock.now(), version })
      }),
    )
    return { ...toJson(project), success: true as const }
  },
})

const archiveRoute = defineRoute({
  method: 'delete',
  path: '/api/projects/:id',
  tag,
  summary: 'Archive a project: it stays with all its work, and takes no new',
  access: operator,
  params,
  reply: changedSchema,
  versioned: true,
  async handle({ web: { database, clock }, params: { id }, ifMatch }) {
    const project = await changingVersion({ ifMatch, body: {} }, (version) =>
      database.write(async (db) => {
        const { id: projectId } = await getProject(db, id)
        return changeProject(db, projectId, { status: 'archived' }, { now: clock.now(), version })
      }),
    )
    return { ...toJson(project), success: true as const }
  },
})

export const projectRoutes: readonly Route[] = [listRoute, createRoute, showRoute, changeRoute, archiveRoute]
