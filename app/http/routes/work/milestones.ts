import { z } from 'zod'
import { milestoneStatuses } from '../../../core/milestone.ts'
import { getMilestone, listMilestones, progressOfMilestones } from '../../../db/milestone/read.ts'
import { changeMilestone, createMilestone } from '../../../db/milestone/write.ts'
import { toJson } from '../../../json.ts'
import { changingVersion } from '../../if-match.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import {
  cursorSchema,
  idParams,
  idSchema,
  limitSchema,
  pageAt,
  pageOf,
  severalOf,
} from '../../schemas/list.ts'
import {
  milestoneChangesBody,
  milestoneSchema,
  newMilestoneBody,
  progressSchema,
} from '../../schemas/milestone.ts'

const tag = 'Projects'
const viewer: Access = { role: 'viewer', scope: 'read' }
const operator: Access = { role: 'operator', scope: 'prompts' }
const withProgress = milestoneSchema.extend({ progress: progressSchema })
const changedSchema = milestoneSchema.extend({ success: z.literal(true) })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/milestones',
  tag,
  summary: 'Milestones with their progress, what is due first, first',
  access: viewer,
  query: z.object({
    project_id: idSchema.optional(),
    status: severalOf(milestoneStatuses),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(withProgress),
  async handle({ web, query: { project_id: projectId, status, ...page } }) {
    const db = web.database.kysely
    const filter = { ...(projectId !== undefined && { projectId }), ...(status && { statuses: status }) }
    const slice = { limit: page.limit + 1, offset: page.cursor ?? 0 }
    const found = await listMilestones(db, filter, slice)
    const progress = await progressOfMilestones(
      db,
      found.map(({ id }) => id),
    )
    const items = found.map((one) => ({ ...toJson(one), progress: progress.get(one.id)! }))
    return pageAt(items, page)
  },
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/milestones',
  tag,
  summary: 'Create a milestone of a project',
  access: operator,
  status: 201,
  body: newMilestoneBody,
  reply: changedSchema,
  versioned: true,
  async handle({ web: { database, clock }, caller, body }) {
    const { project_id: projectId, target_date: targetDate, ...rest } = body
    const words = { ...rest, projectId, targetDate }
    const milestone = await database.write((db) => createMilestone(db, words, caller!.name, clock.now()))
    return { ...toJson(milestone), success: true as const }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/milestones/:id',
  tag,
  summary: 'One milestone with its progress',
  access: viewer,
  params: idParams,
  reply: withProgress,
  versioned: true,
  async handle({ web, params: { id } }) {
    const db = web.database.kysely
    const [milestone, progress] = await Promise.all([getMilestone(db, id), progressOfMilestones(db, [id])])
    return { ...toJson(milestone), progress: progress.get(id)! }
  },
})

const changeRoute = defineRoute({
  method: 'put',
  path: '/api/milestones/:id',
  tag,
  summary: 'Change the fields that are named; with a version (body or If-Match) only that one',
  access: operator,
  params: idParams,
  body: milestoneChangesBody,
  reply: changedSchema,
  versioned: true,
  async handle({ web: { database, clock }, params: { id }, body, ifMatch }) {
    const { target_date: targetDate, version: _version, ...rest } = body
    const milestone = await changingVersion({ ifMatch, body }, (version) =>
      database.write((db) => changeMilestone(db, id, { ...rest, targetDate }, { now: clock.now(), version })),
    )
    return { ...toJson(milestone), success: true as const }
  },
})

export const milestoneRoutes: readonly Route[] = [listRoute, createRoute, showRoute, changeRoute]
