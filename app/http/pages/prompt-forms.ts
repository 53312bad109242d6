import { z } from 'zod'
import type { Prompt, Target } from '../../core/prompt.ts'
import { getPrompt } from '../../db/prompts.ts'
import { definePage, type Page } from '../page.ts'
import { targetChoices } from '../target-choices.ts'
import { idSchema } from '../schemas/list.ts'

const operates = { role: 'operator', scope: 'prompts' } as const
const optionalId = idSchema.optional().catch(undefined)

/** A new prompt: empty, like another one, or following one up. */
export const newPromptPage: Page = definePage({
  path: '/prompts/new',
  name: 'prompt-form',
  area: 'queue',
  access: operates,
  query: z.object({
    session: z.string().max(500).optional().catch(undefined),
    like: optionalId,
    follow_up: optionalId,
  }),
  async load({ web, query }) {
    const db = web.database.kysely
    const like = query.like === undefined ? null : await getPrompt(db, query.like)
    const followUp = query.follow_up === undefined ? null : await getPrompt(db, query.follow_up)
    return {
      title: followUp ? `Follow up on #${followUp.id}` : 'New prompt',
      prompt: null,
      content: like?.content ?? '',
      target: targetOf(query.session, like, followUp),
      like,
      followUp,
      choices: await targetChoices(db),
    }
  },
})

/** Changing a prompt that still waits. */
export const editPromptPage: Page = definePage({
  path: '/prompts/:id/edit',
  name: 'prompt-form',
  area: 'queue',
  access: operates,
  params: z.object({ id: idSchema }),
  async load({ web, params }) {
    const db = web.database.kysely
    const prompt = await getPrompt(db, params.id)
    const { content, target } = prompt
    const title = `Edit #${prompt.id}`
    return { title, prompt, content, target, like: prompt, followUp: null, choices: await targetChoices(db) }
  },
})

/** Giving a prompt that waits or has ended to another session. */
export const reassignPage: Page = definePage({
  path: '/prompts/:id/reassign',
  name: 'reassign',
  area: 'queue',
  access: operates,
  params: z.object({ id: idSchema }),
  async load({ web: { database }, params: { id } }) {
    const db = database.kysely
    const prompt = await getPrompt(db, id)
    return { title: `Reassign #${prompt.id}`, prompt, choices: await targetChoices(db) }
  },
})

function targetOf(session: string | undefined, like: Prompt | null, followUp: Prompt | null): Target {
  if (session !== undefined) return { session }
  if (followUp?.sessionName) return { session: followUp.sessionName }
  return like?.target ?? {}
}
