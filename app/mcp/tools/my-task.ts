import { z } from 'zod'
import { childrenOf } from '../../db/prompt/children.ts'
import { getSessionSettings } from '../../db/session-settings.ts'
import { beginning, partOf } from '../excerpt.ts'
import { ownPrompt } from '../own-prompt.ts'
import { nameFrom } from '../shown-result.ts'
import { defineTool } from '../tool.ts'

/** More parts than this are counted only. */
const mostChildren = 50

export const myTask = defineTool({
  name: 'my_task',
  description:
    'Who you are here, the prompt that you work on, who sent it, and the parts that you delegated.',
  input: z.object({ part: z.number().int().positive().default(1).describe('of a long text') }),
  readOnly: true,
  async handle({ database, session, input }) {
    const db = database.kysely
    const settings = await getSessionSettings(db, session.node, session.name)
    const you = {
      name: session.name,
      tier: settings?.tier ?? 'worker',
      ...(settings?.manager && { manager: settings.manager }),
    }
    const prompt = await ownPrompt(db, session)
    if (!prompt) return { you, task: null, note: 'Nothing from the queue: a person speaks to you directly.' }
    const children = await childrenOf(db, prompt.id, { limit: mostChildren })
    const { text, part } = partOf(prompt.content, input.part)
    return {
      you,
      prompt: prompt.id,
      from: prompt.from ? nameFrom(session, prompt.from) : 'a person',
      ...(prompt.parent !== null && { part_of: prompt.parent }),
      text,
      ...(part && { part }),
      ...(prompt.reviewComment && { comment: prompt.reviewComment }),
      ...(children.length > 0 && {
        delegated: children.map(({ id, state, sessionName, content }) => ({
          prompt: id,
          state,
          session: sessionName,
          text: beginning(content, 80),
        })),
      }),
    }
  },
})
