import { z } from 'zod'
import { askHuman as ask } from '../../broker/human-tasks/ask.ts'
import { humanTaskLimits } from '../../core/human-task.ts'
import { ownPrompt } from '../own-prompt.ts'
import { defineTool } from '../tool.ts'

const { questionChars, contextChars, choices, choiceChars } = humanTaskLimits

export const askHuman = defineTool({
  name: 'ask_human',
  description:
    'Ask a person for a decision that is not yours. End your turn afterwards: the answer comes as your next prompt.',
  input: z.object({
    question: z.string().min(1).max(questionChars),
    context: z.string().max(contextChars).optional().describe('what they have to know to answer'),
    choices: z.array(z.string().min(1).max(choiceChars)).max(choices).optional(),
  }),
  async handle({ database, clock, session, input }) {
    const prompt = await ownPrompt(database.kysely, session)
    const { question, context = null, choices: options = [] } = input
    const asker = { node: session.node, session: session.name, promptId: prompt?.id ?? null }
    const { task } = await ask(database, { ...asker, question, context, choices: options }, clock.now())
    return `Asked, as question ${task.id}. End your turn now; the answer comes as your next prompt.`
  },
})
