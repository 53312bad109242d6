import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { severities } from '../../../core/work.ts'
import { getErrorGroup, listErrorSamples } from '../../../db/error/read.ts'
import { listProjects } from '../../../db/project/read.ts'
import type { Db } from '../../../db/schema.ts'
import { createWork } from '../../../db/work/create.ts'
import { linkWork, refuseSecondBug } from '../../../db/work/links.ts'
import { toJson } from '../../../json.ts'
import { bugOfError } from '../../../work/error-bug.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { newWorkBody, workSchema } from '../../schemas/work.ts'

const words = newWorkBody.shape

export const createBugRoute: Route = defineRoute({
  method: 'post',
  path: '/api/errors/:id/create-bug',
  tag: 'Errors',
  summary: 'Make a bug of an error, linked both ways; 409 while there is one that is not finished',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  status: 201,
  body: z.strictObject({
    project_id: words.project_id.optional().describe('may be left out where there is one project'),
    title: words.title.optional().describe('what the error says, when absent'),
    description: words.description.unwrap().optional(),
    severity: z.enum(severities).default('medium'),
    priority: words.priority,
    milestone_id: words.milestone_id,
    assignee: words.assignee,
    resolve_error: z.boolean().default(false).describe('the error is resolved when the bug is done'),
  }),
  reply: workSchema.extend({ success: z.literal(true), bug_id: z.number() }),
  async handle({ web: { database, clock }, caller, params, body }) {
    const { project_id, milestone_id: milestoneId, resolve_error, title, description, ...rest } = body
    const bug = await database.write(async (db) => {
      const group = await getErrorGroup(db, params.id)
      await refuseSecondBug(db, group.id)
      const ours = bugOfError(group, await listErrorSamples(db, group.id))
      const said = { title: title ?? ours.title, description: description ?? ours.description }
      const projectId = project_id ?? (await onlyProject(db))
      const given = { ...rest, ...said, kind: 'bug' as const, projectId, milestoneId, metadata: {} }
      const item = await createWork(db, given, caller!.name, clock.now())
      const relation = resolve_error ? ('fixes' as const) : ('relates' as const)
      const link = { kind: 'error' as const, ref: String(group.id), relation }
      await linkWork(db, item.id, link, caller!.name, clock.now())
      return item
    })
    return { ...toJson(bug), success: true as const, bug_id: bug.id }
  },
})

async function onlyProject(db: Db): Promise<number> {
  const [only, another] = await listProjects(db, { statuses: ['active'] }, { limit: 2 })
  if (!only)
    throw new AppError('invalid', 'A bug belongs to a project, and there is none yet. Create one first.')
  if (another) throw new AppError('invalid', 'project_id: there are several projects. Say which.')
  return only.id
}
