import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { workKinds, workStatuses, type WorkId, type WorkItem, type WorkKind } from '../../../core/work.ts'
import type { Db } from '../../../db/schema.ts'
import { changeWork } from '../../../db/work/change.ts'
import { createWork } from '../../../db/work/create.ts'
import { countWork, getWork, listWork } from '../../../db/work/read.ts'
import { toJson } from '../../../json.ts'
import { changingVersion } from '../../if-match.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { pageAt, pageOf, severalOf } from '../../schemas/list.ts'
import {
  newWorkBody,
  workChangesBody,
  workFilterOf,
  workParams,
  workQuery,
  workSchema,
} from '../../schemas/work.ts'

/** One kind of work under its own path; `null`: all kinds, under one path. */
interface Noun {
  path: string
  kind: WorkKind | null
  tag: string
  /** `bug`, `bugs`. */
  one: string
  many: string
}

export const viewer: Access = { role: 'viewer', scope: 'read' }
export const operator: Access = { role: 'operator', scope: 'prompts' }
const changedSchema = workSchema.extend({ success: z.literal(true) })

const nouns: readonly Noun[] = [
  { path: '/api/features', kind: 'feature', tag: 'Features', one: 'feature', many: 'features' },
  { path: '/api/bugs', kind: 'bug', tag: 'Bugs', one: 'bug', many: 'bugs' },
  {
    path: '/api/devops-tasks',
    kind: 'devops_task',
    tag: 'Devops tasks',
    one: 'devops task',
    many: 'devops tasks',
  },
  {
    path: '/api/work',
    kind: null,
    tag: 'Work',
    one: 'item of any kind',
    many: 'features, bugs and devops tasks',
  },
]

export const itemRoutes: readonly Route[] = nouns.flatMap((noun) => [
  listRoute(noun),
  ...(noun.kind === null ? [] : [createRoute({ ...noun, kind: noun.kind })]),
  showRoute(noun),
  changeRoute(noun),
])

function listRoute({ path, kind, tag, many }: Noun): Route {
  return defineRoute({
    method: 'get',
    path,
    tag,
    summary: `List ${many}, by project, milestone, status, severity and assignee`,
    access: viewer,
    query: kind === null ? workQuery.extend({ kind: severalOf(workKinds) }) : workQuery,
    reply: pageOf(workSchema).extend({
      counts: z.partialRecord(z.enum(workStatuses), z.number()).describe('of all that fit, by status'),
    }),
    async handle({ web, query }) {
      const db = web.database.kysely
      const asked = 'kind' in query ? (query.kind as WorkKind[] | undefined) : undefined
      const kinds = kind === null ? asked : [kind]
      const filter = { ...workFilterOf(query), ...(kinds && { kinds }) }
      const slice = { limit: query.limit + 1, offset: query.cursor ?? 0, order: query.order }
      const [items, counts] = await Promise.all([listWork(db, filter, slice), countWork(db, filter)])
      return { ...pageAt(toJson(items), query), counts }
    },
  })
}

function createRoute({ path, kind, tag, one }: Noun & { kind: WorkKind }): Route {
  return defineRoute({
    method: 'post',
    path,
    tag,
    summary: `Create a ${one} in a project; 409 when that is archived`,
    access: operator,
    status: 201,
    body: newWorkBody,
    reply: changedSchema,
    versioned: true,
    async handle({ web: { database, clock }, caller, body }) {
      const { project_id: projectId, milestone_id: milestoneId, severity, ...rest } = body
      const words = { ...rest, kind, projectId, milestoneId, severity: severityFor(kind, severity) }
      const item = await database.write((db) => createWork(db, words, caller!.name, clock.now()))
      return { ...toJson(item), success: true as const }
    },
  })
}

function severityFor(kind: WorkKind, given: WorkItem['severity'] | undefined): WorkItem['severity'] {
  if (kind === 'bug') return given ?? 'medium'
  if (given === null || given === undefined) return null
  throw new AppError('invalid', 'severity: only bugs have one. Give it a priority.')
}

function showRoute(noun: Noun): Route {
  const { path, tag, one } = noun
  return defineRoute({
    method: 'get',
    path: `${path}/:id`,
    tag,
    summary: `One ${one}, by its number or its key`,
    access: viewer,
    params: workParams,
    reply: workSchema,
    versioned: true,
    handle: async ({ web, params: { id } }) => toJson(await requireKind(web.database.kysely, id, noun)),
  })
}

function changeRoute(noun: Noun): Route {
  const { path, tag } = noun
  return defineRoute({
    method: 'put',
    path: `${path}/:id`,
    tag,
    summary: 'Change the fields that are named; with a version (body or If-Match) only that one',
    access: operator,
    params: workParams,
    body: workChangesBody,
    reply: changedSchema,
    versioned: true,
    async handle({ web: { database, clock }, params, body, ifMatch, caller }) {
      const { milestone_id: milestoneId, version: _version, ...rest } = body
      const item = await changingVersion({ ifMatch, body }, (version) =>
        database.write(async (db) => {
          const { id } = await requireKind(db, params.id, noun)
          const how = { by: caller!.name, now: clock.now(), version }
          return changeWork(db, id, { ...rest, milestoneId }, how)
        }),
      )
      return { ...toJson(item), success: true as const }
    },
  })
}

/** Throws `not_found`, also for what is of another kind than the path says. */
async function requireKind(db: Db, ref: WorkId | string, { kind, one }: Noun): Promise<WorkItem> {
  const item = await getWork(db, ref)
  if (kind === null || item.kind === kind) return item
  throw new AppError('not_found', `${item.key} is no ${one}; it is at /api/work/${item.id}.`)
}
