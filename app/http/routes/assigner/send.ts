import { z } from 'zod'
import { submit } from '../../../broker/commands.ts'
import { requireSession } from '../../../broker/named-session.ts'
import { toJson } from '../../../json.ts'
import { assignerRuns } from '../../assigner-runs.ts'
import { defineRoute, type Route } from '../../route.ts'
import { newPromptOf, newPromptSchema } from '../../schemas/new-prompt.ts'
import { promptSchema } from '../../schemas/prompt.ts'

export const sendRoute: Route = defineRoute({
  method: 'post',
  path: '/api/assigner/send',
  tag: 'Assigner',
  summary: 'Queue a prompt for a session, or for anyone who fits',
  access: { role: 'operator', scope: 'prompts' },
  body: newPromptSchema,
  reply: z.object({
    prompt_id: z.number(),
    success: z.literal(true),
    created: z.boolean().describe('false: a prompt with this idempotency key was there already'),
    assigner_running: z.boolean(),
    prompt: promptSchema,
  }),
  async handle(call) {
    const { web, body } = call
    const input = newPromptOf(body)
    // The name is checked now, while somebody is there to correct it.
    if (body.target_session) await requireSession(web.database, web, body.target_session)
    const { prompt, created } = await submit(call.web.database, input, web.clock.now())
    return {
      prompt_id: prompt.id,
      success: true as const,
      created,
      assigner_running: assignerRuns(web),
      prompt: toJson(prompt),
    }
  },
})
