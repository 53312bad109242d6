import { z } from 'zod'
import type { Suggestion } from '../../../core/suggestion.ts'
import { suggestionSources, suggestionStates, suggestionTargets } from '../../../core/suggestion.ts'
import { workLimits } from '../../../core/work.ts'
import {
  advanceSuggestion,
  getSuggestion,
  keepSuggestions,
  listSuggestions,
} from '../../../db/suggestion/suggestions.ts'
import { toJson } from '../../../json.ts'
import { collectSuggestions } from '../../../suggestions/collect.ts'
import { confirmSuggestion } from '../../../suggestions/confirm.ts'
import { requireSession } from '../../../broker/named-session.ts'
import { projectForSuggestion, promptForSuggestion } from '../../give-suggestion.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { cursorSchema, idParams, limitSchema, pageAt, pageOf, severalOf } from '../../schemas/list.ts'
import { lineOf, projectRefSchema } from '../../schemas/project.ts'
import { newTaskBody, newTaskOf, password } from '../../schemas/task.ts'
import { requireForSecrets } from '../vault/give.ts'
import { authorise } from '../../caller.ts'
import { operator as makesTasks } from '../tasks/queue.ts'
import { suggestionSchema } from '../../schemas/suggestion.ts'

const tag = 'Suggestions'
const viewer: Access = { role: 'viewer', scope: 'read' }
const operator: Access = { role: 'operator', scope: 'prompts' }
const success = z.object({ success: z.literal(true) })
const changed = success.extend({ suggestion: suggestionSchema })

const collectRoute = defineRoute({
  method: 'post',
  path: '/api/tasks/suggest',
  tag,
  summary:
    'Look for what could be done: open errors, failing tests, old notes in comments, bugs nobody works on',
  access: operator,
  body: z
    .strictObject({
      sources: z
        .array(z.enum(suggestionSources))
        .min(1)
        .default([...suggestionSources]),
    })
    .default({ sources: [...suggestionSources] }),
  reply: success.extend({
    added: z.number(),
    returned: z.number().describe('that were withdrawn or completed, and have their reason again'),
    withdrawn: z.number().describe('whose reason is gone'),
    items: z.array(suggestionSchema),
  }),
  async handle({ web: { database, clock, config }, body }) {
    const now = clock.now()
    const sources = [...new Set(body.sources)]
    const found = await collectSuggestions(sources, { db: database.kysely, dataDir: config.dataDir, now })
    const kept = await database.write((db) => keepSuggestions(db, found, sources, now))
    const pending = { states: ['pending'] as const, sources }
    const items = await listSuggestions(database.kysely, pending, { limit: 200, offset: 0 })
    return { success: true as const, ...kept, items: toJson(items) }
  },
})

const listRoute = defineRoute({
  method: 'get',
  path: '/api/tasks/suggest',
  tag,
  summary: 'Suggestions, the most urgent first; pending ones unless told',
  access: viewer,
  query: z.object({
    state: severalOf(suggestionStates),
    source: severalOf(suggestionSources),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(suggestionSchema),
  async handle({ web, query }) {
    const filter = {
      states: query.state ?? (['pending'] as const),
      ...(query.source && { sources: query.source }),
    }
    const slice = { limit: query.limit + 1, offset: query.cursor ?? 0 }
    return pageAt(toJson(await listSuggestions(web.database.kysely, filter, slice)), query)
  },
})

const statusRoute = defineRoute({
  method: 'get',
  path: '/api/tasks/suggest/:id/status',
  tag,
  summary: 'What became of a suggestion',
  access: viewer,
  params: idParams,
  reply: suggestionSchema,
  handle: async ({ web, params }) => toJson(await getSuggestion(web.database.kysely, params.id)),
})

const confirmRoute = defineRoute({
  method: 'post',
  path: '/api/tasks/suggest/:id/confirm',
  tag,
  summary: 'Make a feature, a bug, a prompt or a task of it, once',
  access: operator,
  params: idParams,
  body: z
    .strictObject({
      as: z.enum(suggestionTargets).optional(),
      project: z
        .union([z.number().int().positive(), projectRefSchema])
        .nullish()
        .describe('number or key; that of the suggestion when it is left out'),
      title: lineOf(workLimits.titleChars).optional(),
      content: z
        .string()
        .max(64 * 1024)
        .optional()
        .describe('of a prompt, in your words'),
      target_session: z.string().min(1).max(500).nullish().describe('of a prompt'),
      task: newTaskBody
        .omit({ idempotency_key: true, not_before: true, password: true })
        .optional()
        .describe('of a task; takes the scope tasks'),
      password,
    })
    .default({}),
  reply: changed,
  async handle({ web, params, body, caller, address }) {
    const { database, clock } = web
    if (body.target_session) await requireSession(database, web, body.target_session)
    if (body.task) {
      authorise(makesTasks, caller)
      const secrets = body.task.secrets ?? []
      await requireForSecrets(web, caller!, { secrets, password: body.password, address })
    }
    const projectId =
      body.project == null ? undefined : await projectForSuggestion(database.kysely, body.project)
    const wanted = {
      as: body.as,
      projectId,
      title: body.title,
      givePrompt: (key: string, suggestion: Suggestion) =>
        promptForSuggestion(web, suggestion, key, { ...body, by: caller!.name }),
      task: body.task && newTaskOf(body.task),
    }
    const suggestion = await confirmSuggestion(database, params.id, wanted, caller!.name, clock.now())
    return { success: true as const, suggestion: toJson(suggestion) }
  },
})

function advanceRoute(event: 'skip' | 'complete', summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/api/tasks/suggest/:id/${event}`,
    tag,
    summary,
    access: operator,
    params: idParams,
    reply: changed,
    async handle({ web: { database, clock }, params, caller }) {
      const by = { by: caller!.name, now: clock.now() }
      const suggestion = await database.write((db) => advanceSuggestion(db, params.id, event, by))
      return { success: true as const, suggestion: toJson(suggestion) }
    },
  })
}

export const suggestionRoutes: readonly Route[] = [
  collectRoute,
  listRoute,
  statusRoute,
  confirmRoute,
  advanceRoute('skip', 'It is not worth it; it does not come back'),
  advanceRoute('complete', 'It is done; it comes back when its reason shows again'),
]
