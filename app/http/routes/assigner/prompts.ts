import { z } from 'zod'
import { cancel, edit } from '../../../broker/commands.ts'
import { requireSession } from '../../../broker/named-session.ts'
import { showAttempt } from '../../../broker/shown-attempt.ts'
import { promptStates } from '../../../core/prompt.ts'
import { attemptsOf } from '../../../db/attempts.ts'
import { getPrompt, listPrompts } from '../../../db/prompts.ts'
import { toJson } from '../../../json.ts'
import { changedPrompt } from '../../changed-prompt.ts'
import { defineRoute, type Route } from '../../route.ts'
import { cursorSchema, idParams, limitSchema, pageOf, severalOf } from '../../schemas/list.ts'
import { editPromptSchema, namesTarget, optionsOf, targetOf } from '../../schemas/new-prompt.ts'
import { attemptSchema, changedPromptSchema, listedPromptSchema, promptSchema } from '../../schemas/prompt.ts'

const tag = 'Assigner'

const listRoute = defineRoute({
  method: 'get',
  path: '/api/assigner/prompts',
  tag,
  summary: 'Prompts, the newest first; of long ones the beginning',
  access: { role: 'viewer', scope: 'read' },
  query: z.object({
    status: severalOf(promptStates).describe('only these states, separated by commas'),
    session: z.string().max(500).optional().describe('only those that are or were with this session'),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(listedPromptSchema),
  async handle({ web, query }) {
    const { items, nextCursor } = await listPrompts(web.database.kysely, {
      limit: query.limit,
      ...(query.status && query.status.length > 0 && { states: query.status }),
      ...(query.session !== undefined && { sessionName: query.session }),
      ...(query.cursor !== undefined && { before: query.cursor }),
    })
    return { items: toJson(items), next_cursor: nextCursor }
  },
})

const getRoute = defineRoute({
  method: 'get',
  path: '/api/assigner/prompts/:id',
  tag,
  summary: 'One prompt, with its attempts and their evidence',
  access: { role: 'viewer', scope: 'read' },
  params: idParams,
  reply: promptSchema.extend({
    prompt: promptSchema,
    answer: z.string().nullable().describe('of the last attempt'),
    attempt_list: z.array(attemptSchema),
  }),
  async handle({ web, params }) {
    const prompt = await getPrompt(web.database.kysely, params.id)
    const attempts = await attemptsOf(web.database.kysely, params.id)
    const view = toJson(prompt)
    return {
      ...view,
      prompt: view,
      answer: attempts.at(-1)?.answer ?? null,
      attempt_list: toJson(attempts.map(showAttempt)),
    }
  },
})

const editRoute = defineRoute({
  method: 'put',
  path: '/api/assigner/prompts/:id',
  tag,
  summary: 'Change a prompt that still waits; only what is given',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  body: editPromptSchema,
  reply: changedPromptSchema,
  async handle(call) {
    const { web, params, body } = call
    if (body.target_session) await requireSession(web.database, web, body.target_session)
    const changes = {
      ...(body.content !== undefined && { content: body.content }),
      ...(namesTarget(body) && { target: targetOf(body) }),
      ...optionsOf(body),
      ...(body.expires_at === null && { expiresAt: null }),
    }
    return changedPrompt(await edit(call.web.database, params.id, changes, web.clock.now(), body.version))
  },
})

const deleteRoute = defineRoute({
  method: 'delete',
  path: '/api/assigner/prompts/:id',
  tag,
  summary: 'Cancel a prompt that waits; a running one has to be interrupted',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  reply: changedPromptSchema,
  handle: async (call) =>
    changedPrompt(await cancel(call.web.database, call.params.id, call.web.clock.now())),
})

export const promptRoutes: readonly Route[] = [listRoute, getRoute, editRoute, deleteRoute]
