import { z } from 'zod'
import { submit } from '../../../broker/commands.ts'
import { requireSession } from '../../../broker/named-session.ts'
import { linkErrorPrompt } from '../../../db/error/change.ts'
import { getErrorGroup, listErrorNodes, listErrorSamples } from '../../../db/error/read.ts'
import type { Db } from '../../../db/schema.ts'
import { fixPrompt } from '../../../errors/fix-prompt.ts'
import { toJson } from '../../../json.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { newPromptOf, newPromptSchema } from '../../schemas/new-prompt.ts'
import { promptSchema } from '../../schemas/prompt.ts'

/** What a session is asked to do about an error, for a person to look over. Throws `not_found`. */
export async function fixPromptOf(db: Db, id: number): Promise<string> {
  const group = await getErrorGroup(db, id)
  const [samples, nodes] = await Promise.all([listErrorSamples(db, group.id), listErrorNodes(db, group.id)])
  return fixPrompt(
    group,
    samples,
    nodes.map(({ node }) => node),
  )
}

export const sendErrorRoute: Route = defineRoute({
  method: 'post',
  path: '/api/errors/:id/send',
  tag: 'Errors',
  summary: 'Have a session fix it: a prompt, in your words or in ours, that is linked with the error',
  access: { role: 'operator', scope: 'prompts' },
  params: idParams,
  body: newPromptSchema.partial({ content: true }),
  reply: z.object({ success: z.literal(true), prompt_id: z.number(), prompt: promptSchema }),
  async handle({ web, params, body }) {
    const { database, clock } = web
    const group = await getErrorGroup(database.kysely, params.id)
    const content = body.content ?? (await fixPromptOf(database.kysely, group.id))
    const metadata = { ...body.metadata, error_id: group.id }
    if (body.target_session) await requireSession(database, web, body.target_session)
    const { prompt } = await submit(database, newPromptOf({ ...body, content, metadata }), clock.now())
    await database.write((db) => linkErrorPrompt(db, group.id, prompt.id, clock.now()))
    return { success: true as const, prompt_id: prompt.id, prompt: toJson(prompt) }
  },
})
