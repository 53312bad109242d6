import { z } from 'zod'
import { cancel, edit, interrupt, retry, submit, suspend } from '../../../broker/commands.ts'
import { queueItem } from '../../../broker/snapshot.ts'
import type { Prompt } from '../../../core/prompt.ts'
import { getPrompt } from '../../../db/prompts.ts'
import { toJson } from '../../../json.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { changedItemSchema } from '../../schemas/queue.ts'
import type { Web } from '../../web.ts'

const shared = {
  tag: 'Prompts (Nightshift)',
  access: { role: 'operator', scope: 'prompts' },
  reply: changedItemSchema,
} as const

const text = z.string().max(4_194_304)
const project = z.string().min(1).max(200).nullish()

const submitRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/prompts',
  summary: 'Queue a prompt for anyone who fits',
  body: z.strictObject({ prompt: text, project_id: project }),
  async handle({ web, body }) {
    const metadata = body.project_id ? { project_id: body.project_id } : {}
    const { prompt } = await submit(web.database, { content: body.prompt, metadata }, web.clock.now())
    return changed(web, prompt)
  },
})

const editRoute = defineRoute({
  ...shared,
  method: 'put',
  path: '/api/prompts/:id',
  summary: 'Change the text or the project of a prompt that still waits',
  params: idParams,
  body: z.strictObject({ prompt: text.optional(), project_id: project }),
  async handle({ web, params, body }) {
    const { metadata, version } = await getPrompt(web.database.kysely, params.id)
    const { project_id: _, ...others } = metadata
    const isMoved = body.project_id !== undefined
    const changes = {
      ...(body.prompt !== undefined && { content: body.prompt }),
      ...(isMoved && { metadata: body.project_id ? { ...metadata, project_id: body.project_id } : others }),
    }
    // The rest of the metadata was read before: nobody may have changed it since.
    const seen = isMoved ? version : undefined
    return changed(web, await edit(web.database, params.id, changes, web.clock.now(), seen))
  },
})

const deleteRoute = defineRoute({
  ...shared,
  method: 'delete',
  path: '/api/prompts/:id',
  summary: 'Take a prompt that waits out of the queue; it is kept as canceled',
  params: idParams,
  handle: async ({ web, params }) => changed(web, await cancel(web.database, params.id, web.clock.now())),
})

const retryRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/prompts/:id/retry',
  summary: 'Queue a prompt that is over once more, as another attempt',
  params: idParams,
  handle: async ({ web, params }) => changed(web, await retry(web.database, params.id, web.clock.now())),
})

const cancelRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/prompts/:id/cancel',
  summary: "Cancel a prompt: one that runs is stopped in its agent's own way",
  params: idParams,
  async handle({ web, params }) {
    const { state } = await getPrompt(web.database.kysely, params.id)
    const stop = state === 'assigned' || state === 'in_progress' ? interrupt : cancel
    return changed(web, await stop(web.database, params.id, web.clock.now()))
  },
})

const restartRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/prompts/:id/server_restarting',
  summary: 'The running prompt restarts this service and survives that',
  params: idParams,
  body: z.strictObject({
    summary: z.string().max(2_000).nullish(),
    requires_follow_up: z
      .boolean()
      .default(false)
      .describe(
        'false: completed as soon as the service is up again; true: a person or an agent finishes it',
      ),
  }),
  async handle({ web, params, body }) {
    const follow = { summary: body.summary ?? null, requiresFollowUp: body.requires_follow_up }
    return changed(web, await suspend(web.database, params.id, follow, web.clock.now()))
  },
})

async function changed({ database }: Web, prompt: Prompt) {
  const item = toJson(await queueItem(database.kysely, prompt))
  return { success: true as const, prompt_id: prompt.id, prompt: item }
}

export const changeRoutes: readonly Route[] = [
  submitRoute,
  editRoute,
  deleteRoute,
  retryRoute,
  cancelRoute,
  restartRoute,
]
