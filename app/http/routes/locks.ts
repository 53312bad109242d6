import { z } from 'zod'
import { releaseLock, tellReady } from '../../broker/locks/give-back.ts'
import { repositoryOf } from '../../broker/locks/repository.ts'
import { checkLocks, takeLock } from '../../broker/locks/take.ts'
import { branchRulesSchema } from '../../core/branch.ts'
import { AppError } from '../../core/errors.ts'
import { listLocks } from '../../db/lock/read.ts'
import { getBranchRules, setBranchRules } from '../../db/settings.ts'
import { toJson } from '../../json.ts'
import { defineRoute, type Route } from '../route.ts'
import { idParams, pageOf } from '../schemas/list.ts'
import { lockSchema, pathsSchema } from '../schemas/lock.ts'

const tag = 'Locks'
const viewer = { role: 'viewer', scope: 'read' } as const
const operator = { role: 'operator', scope: 'sessions' } as const

const dir = z.string().startsWith('/', { error: 'must be the absolute path of a folder' }).max(4_096)
const session = z.string().min(1).max(200)
const branch = z.string().min(1).max(200).nullish()

const listRoute = defineRoute({
  method: 'get',
  path: '/api/locks',
  tag,
  summary: 'Who works on which branch and files, the oldest first',
  access: viewer,
  query: z.object({
    session: session.optional(),
    project: z.string().max(4_096).optional(),
    dir: dir.optional().describe('any folder of the project'),
  }),
  reply: pageOf(lockSchema),
  async handle({ web, query }) {
    const { session: name } = query
    const project = query.dir === undefined ? query.project : (await repositoryOf(query.dir)).project
    const locks = await listLocks(web.database.kysely, {
      ...(name !== undefined && { session: name }),
      ...(project !== undefined && { project }),
    })
    return { items: toJson(locks), next_cursor: null }
  },
})

const takeRoute = defineRoute({
  method: 'post',
  path: '/api/locks',
  tag,
  summary: 'Register a session with its branch and lock files for it, all of them or none',
  access: operator,
  body: z.strictObject({ session, dir, branch, files: pathsSchema.default([]) }),
  reply: z.object({ success: z.literal(true), lock: lockSchema }),
  async handle({ web, body }) {
    const request = { ...body, node: web.config.node, branch: body.branch ?? null }
    const lock = await takeLock(web.database, request, web.clock.now())
    return { success: true as const, lock: toJson(lock) }
  },
})

const checkRoute = defineRoute({
  method: 'get',
  path: '/api/locks/check',
  tag,
  summary: 'Whether somebody else has one of these files',
  access: viewer,
  query: z.object({
    session: session.or(z.literal('')).default('').describe('who asks; nobody in particular without'),
    dir,
    branch,
    file: z
      .union([z.string(), z.array(z.string())])
      .default([])
      .transform((file) => [file].flat()),
  }),
  reply: z.object({
    free: z.boolean(),
    held: z.array(
      z.object({
        wanted: z.string(),
        path: z.string(),
        session,
        branch: z.string().nullable(),
        since: z.number(),
      }),
    ),
    branch_fault: z.string().nullable(),
  }),
  async handle({ web, query }) {
    const { file: files, ...rest } = query
    const request = { ...rest, node: web.config.node, branch: rest.branch ?? null, files }
    const { held, branchFault } = await checkLocks(web.database, request, web.clock.now())
    const shown = held.map(({ wanted, path, holder, since }) => ({
      wanted,
      path,
      session: holder.session,
      branch: holder.branch,
      since,
    }))
    return { free: held.length === 0 && branchFault === null, held: shown, branch_fault: branchFault }
  },
})

const releaseRoute = defineRoute({
  method: 'post',
  path: '/api/locks/:id/release',
  tag,
  summary: 'Give up some of its files, or all with the registration',
  access: operator,
  params: idParams,
  body: z.strictObject({ files: pathsSchema.optional() }),
  reply: z.object({ success: z.literal(true), left: lockSchema.nullable() }),
  async handle({ web, params, body }) {
    const choice = { node: web.config.node, id: params.id, ...(body.files && { files: body.files }) }
    const left = await releaseLock(web.database, choice, web.clock.now())
    return { success: true as const, left: left && toJson(left) }
  },
})

const readyRoute = defineRoute({
  method: 'post',
  path: '/api/locks/:id/ready',
  tag,
  summary: 'Tell people that its branch can be merged',
  access: operator,
  params: idParams,
  body: z.strictObject({ note: z.string().max(2_000).nullish() }),
  reply: z.object({ success: z.literal(true), lock: lockSchema }),
  async handle({ web, params, body }) {
    const choice = { node: web.config.node, id: params.id, note: body.note ?? null }
    return { success: true as const, lock: toJson(await tellReady(web.database, choice, web.clock.now())) }
  },
})

const ownReleaseRoute = defineRoute({
  method: 'post',
  path: '/api/locks/release',
  tag,
  summary: 'The same, for the lock that a session has in the project of this folder',
  access: operator,
  body: z.strictObject({ session, dir, files: pathsSchema.optional() }),
  reply: z.object({ success: z.literal(true), left: lockSchema.nullable() }),
  async handle({ web, body: { files, ...choice } }) {
    const request = { ...choice, node: web.config.node, ...(files && { files }) }
    const left = await releaseLock(web.database, request, web.clock.now())
    return { success: true as const, left: left && toJson(left) }
  },
})

const ownReadyRoute = defineRoute({
  method: 'post',
  path: '/api/locks/ready',
  tag,
  summary: 'The same, for the branch of a session in the project of this folder',
  access: operator,
  body: z.strictObject({ session, dir, note: z.string().max(2_000).nullish() }),
  reply: z.object({ success: z.literal(true), lock: lockSchema }),
  async handle({ web, body }) {
    const choice = { ...body, node: web.config.node, note: body.note ?? null }
    return { success: true as const, lock: toJson(await tellReady(web.database, choice, web.clock.now())) }
  },
})

const rulesBody = z.strictObject({
  protected_branches: branchRulesSchema.shape.protectedBranches.describe(
    'beside main, dev and master; `*` for any part',
  ),
  checks_names: branchRulesSchema.shape.checksNames.describe(
    'refuse names against feature|fix|refactor/description-MMDD',
  ),
})

const getRulesRoute = defineRoute({
  method: 'get',
  path: '/api/settings/branches',
  tag,
  summary: 'Which branches are protected, and whether names are checked',
  access: viewer,
  reply: rulesBody,
  async handle({ web }) {
    const { protectedBranches, checksNames } = await getBranchRules(web.database.kysely)
    return { protected_branches: protectedBranches, checks_names: checksNames }
  },
})

const putRulesRoute = defineRoute({
  method: 'put',
  path: '/api/settings/branches',
  tag,
  summary: 'Settle which branches are protected, and whether names are checked',
  access: { role: 'admin', scope: 'admin' },
  body: rulesBody,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, body }) {
    const { protected_branches: protectedBranches, checks_names: checksNames } = body
    if (protectedBranches.some((name) => /^\*+$/.test(name))) {
      throw new AppError('invalid', '"*" alone would protect every branch, and nobody could work.')
    }
    await web.database.write((db) => setBranchRules(db, { protectedBranches, checksNames }, web.clock.now()))
    return { success: true as const }
  },
})

export const lockRoutes: readonly Route[] = [
  listRoute,
  takeRoute,
  checkRoute,
  releaseRoute,
  ownReleaseRoute,
  readyRoute,
  ownReadyRoute,
  getRulesRoute,
  putRulesRoute,
]
