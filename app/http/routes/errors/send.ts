import { z } from 'zod'
import { requireSession } from '../../../broker/named-session.ts'
import { toJson } from '../../../json.ts'
import { assign } from '../../assign.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { newPromptSchema } from '../../schemas/new-prompt.ts'
import { promptSchema } from '../../schemas/prompt.ts'

export const sendErrorRoute: Route = defineRoute({
  method: 'post',
  path: '/api/errors/:id/send',
  tag: 'Errors',
  summary: 'Have a session fix it: a prompt, in your words or in ours, that is linked with the error',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  body: newPromptSchema.partial({ content: true }),
  reply: z.object({ success: z.literal(true), prompt_id: z.number(), prompt: promptSchema }),
  async handle({ web, caller, params, body }) {
    if (body.target_session) await requireSession(web.database, web, body.target_session)
    const prompt = await assign(web, { error: params.id }, body, { by: caller!.name, whenDone: 'review' })
    return { success: true as const, prompt_id: prompt.id, prompt: toJson(prompt) }
  },
})
