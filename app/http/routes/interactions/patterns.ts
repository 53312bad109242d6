import { z } from 'zod'
import { tryNewRule, tryRule } from '../../../broker/interactions/new-rule.ts'
import { newPatternSchema, type Pattern } from '../../../core/pattern.ts'
import { advancePattern, createPattern, editPattern } from '../../../db/pattern/change.ts'
import { getPattern, listPatterns, versionsOf } from '../../../db/pattern/read.ts'
import { getPermissions, permissionsSchema, setPermissions } from '../../../db/permissions.ts'
import { dryRunJson, patternJson, patternWithVersionsJson } from '../../interaction-json.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams, pageOf } from '../../schemas/list.ts'
import { dryRunSchema, patternSchema, patternWithVersionsSchema } from '../../schemas/interaction.ts'

const tag = 'Claude patterns'
const looking = { role: 'viewer', scope: 'read' } as const
/** What decides without people is settled by who may settle everything. */
const settling = { role: 'admin', scope: 'admin' } as const

const listRoute = defineRoute({
  method: 'get',
  path: '/api/claude/patterns',
  tag,
  summary: 'Rules that answer permission prompts, the newest first',
  access: looking,
  reply: pageOf(patternSchema),
  async handle({ web }) {
    return { items: (await listPatterns(web.database.kysely)).map(patternJson), next_cursor: null }
  },
})

const readRoute = defineRoute({
  method: 'get',
  path: '/api/claude/patterns/:id',
  tag,
  summary: 'One rule, also one that was deleted, with every version of it',
  access: looking,
  params: idParams,
  reply: patternWithVersionsSchema,
  async handle({ web, params }) {
    const db = web.database.kysely
    const pattern = await getPattern(db, params.id)
    return patternWithVersionsJson(pattern, await versionsOf(db, pattern.id))
  },
})

const changed = z.object({ success: z.literal(true), pattern: patternSchema })
const said = (pattern: Pattern) => ({ success: true as const, pattern: patternJson(pattern) })

const createRoute = defineRoute({
  method: 'post',
  path: '/api/claude/patterns',
  tag,
  summary: 'Write a rule; it is a draft, which only dry runs use, until it is enabled',
  access: settling,
  body: newPatternSchema,
  reply: changed,
  async handle({ web, body, caller }) {
    const origin = { createdBy: caller!.name, madeFrom: null }
    return said(await web.database.write((db) => createPattern(db, body, origin, web.clock.now())))
  },
})

const lookedAt = z.number().int().min(1).optional().describe('the version that was looked at')

const updateRoute = defineRoute({
  method: 'put',
  path: '/api/claude/patterns/:id',
  tag,
  summary: 'Give a rule other words, as its next version and a draft; or switch it on or off',
  access: settling,
  params: idParams,
  body: z.union([
    newPatternSchema.extend({ version: lookedAt }),
    z.strictObject({ enabled: z.boolean(), version: lookedAt }),
  ]),
  reply: changed,
  async handle({ web, params, body, caller }) {
    const now = web.clock.now()
    const { database } = web
    const pattern = await database.write((db) =>
      'enabled' in body
        ? advancePattern(db, params.id, body.enabled ? 'enable' : 'disable', now, body.version)
        : editPattern(db, params.id, body, caller!.name, now),
    )
    await database.bus.notify('sessions')
    return said(pattern)
  },
})

const deleteRoute = defineRoute({
  method: 'delete',
  path: '/api/claude/patterns/:id',
  tag,
  summary: 'Delete a rule; decisions that name it keep its versions',
  access: settling,
  params: idParams,
  reply: changed,
  async handle({ web: { database, clock }, params }) {
    const pattern = await database.write((db) => advancePattern(db, params.id, 'delete', clock.now()))
    await database.bus.notify('sessions')
    return said(pattern)
  },
})

const dryRunRoute = defineRoute({
  method: 'get',
  path: '/api/claude/patterns/:id/dry-run',
  tag,
  summary: 'What the rule would have changed, had it been live all the time',
  access: looking,
  params: idParams,
  reply: dryRunSchema,
  async handle({ web, params }) {
    return dryRunJson(await tryRule(web.database, await getPattern(web.database.kysely, params.id)))
  },
})

const tryRoute = defineRoute({
  method: 'post',
  path: '/api/claude/patterns/dry-run',
  tag,
  summary: 'What a rule that is not stored yet would have changed; nothing is kept',
  access: looking,
  body: newPatternSchema.extend({
    replaces: z.number().int().min(1).optional().describe('the rule that these words are meant for'),
  }),
  reply: dryRunSchema,
  async handle({ web, body }) {
    const { replaces, ...rule } = body
    return dryRunJson(await tryNewRule(web.database, rule, replaces ?? null))
  },
})

const readPermissionsRoute = defineRoute({
  method: 'get',
  path: '/api/claude/permissions',
  tag,
  summary: 'What is decided without a person: how much each tier is granted',
  access: looking,
  reply: permissionsSchema,
  handle: ({ web }) => getPermissions(web.database.kysely),
})

const setPermissionsRoute = defineRoute({
  method: 'put',
  path: '/api/claude/permissions',
  tag,
  summary: 'Settle what is decided without a person',
  access: settling,
  body: permissionsSchema,
  reply: permissionsSchema,
  async handle({ web, body }) {
    await web.database.write((db) => setPermissions(db, body, web.clock.now()))
    await web.database.bus.notify('sessions')
    return body
  },
})

export const patternRoutes: readonly Route[] = [
  listRoute,
  readRoute,
  createRoute,
  updateRoute,
  deleteRoute,
  dryRunRoute,
  tryRoute,
  readPermissionsRoute,
  setPermissionsRoute,
]
