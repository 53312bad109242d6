import { z } from 'zod'
import {
  approve,
  interrupt,
  reassign,
  reject,
  resolveDoubt,
  retry,
  suspend,
} from '../../../broker/commands.ts'
import { requireSession } from '../../../broker/named-session.ts'
import type { EpochMs } from '../../../core/clock.ts'
import type { Prompt, PromptId } from '../../../core/prompt.ts'
import type { Database } from '../../../db/open.ts'
import { changedPrompt } from '../../changed-prompt.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { changedPromptSchema } from '../../schemas/prompt.ts'

const shared = {
  method: 'post',
  tag: 'Assigner',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  reply: changedPromptSchema,
} as const

type Steer = (database: Database, id: PromptId, now: EpochMs) => Promise<Prompt>

/** A command of the broker that needs nothing but the prompt. */
function steering(word: string, summary: string, steer: Steer): Route {
  return defineRoute({
    ...shared,
    path: `/api/assigner/prompts/:id/${word}`,
    summary,
    handle: async (call) =>
      changedPrompt(await steer(call.web.database, call.params.id, call.web.clock.now())),
  })
}

const reassignRoute = defineRoute({
  ...shared,
  path: '/api/assigner/prompts/:id/reassign',
  summary: 'Queue a waiting or ended prompt again for another session, or for anyone',
  body: z.strictObject({
    target_session: z.string().min(1).max(500).nullish(),
    force: z.boolean().default(false).describe('past the rules of the hierarchy'),
  }),
  async handle(call) {
    const { web, params, body } = call
    const session = body.target_session ? await requireSession(web.database, web, body.target_session) : null
    return changedPrompt(await reassign(call.web.database, params.id, session, web.clock.now(), body))
  },
})

const resolveRoute = defineRoute({
  ...shared,
  path: '/api/assigner/prompts/:id/resolve',
  summary: 'Say how a prompt ended whose delivery is unknown, or what came of it after a restart',
  body: z.strictObject({ as: z.enum(['completed', 'failed', 'cancelled', 'retry']) }),
  handle: async (call) =>
    changedPrompt(await resolveDoubt(call.web.database, call.params.id, call.body.as, call.web.clock.now())),
})

const suspendRoute = defineRoute({
  ...shared,
  path: '/api/assigner/prompts/:id/suspend',
  summary: 'A running prompt restarts this service itself: it survives that',
  body: z.strictObject({
    summary: z.string().max(2_000).nullish(),
    requires_follow_up: z.boolean().default(false).describe('something is left to be done afterwards'),
  }),
  async handle(call) {
    const { summary, requires_follow_up } = call.body
    const follow = { summary: summary ?? null, requiresFollowUp: requires_follow_up }
    return changedPrompt(await suspend(call.web.database, call.params.id, follow, call.web.clock.now()))
  },
})

export const steerRoutes: readonly Route[] = [
  steering('retry', 'Queue an ended prompt again; earlier attempts are kept', retry),
  steering('interrupt', "Stop a running prompt in the agent's own way; it then ends as cancelled", interrupt),
  steering('approve', 'Let a staged prompt go', approve),
  steering('reject', 'Cancel a staged prompt', reject),
  reassignRoute,
  resolveRoute,
  suspendRoute,
]
