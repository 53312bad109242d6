import { z } from 'zod'
import { sessionRows } from '../../broker/session-view.ts'
import { defineTool } from '../tool.ts'

export const listSessions = defineTool({
  name: 'list_sessions',
  description: 'The agent sessions there are: name, tier, manager, state, and what each works on.',
  input: z.object({}),
  readOnly: true,
  async handle({ database, session }) {
    const rows = await sessionRows(database, session.node, null)
    return rows
      .filter(({ settings }) => !settings?.ignored)
      .map(({ node, name, agent, state, promptId, settings }) => ({
        name: node === session.node ? name : `${node}/${name}`,
        ...(node === session.node && name === session.name && { you: true }),
        tier: settings?.tier ?? 'worker',
        ...(settings?.manager && { manager: settings.manager }),
        ...(settings?.tags.length && { tags: settings.tags }),
        agent,
        state,
        ...(promptId !== null && { prompt: promptId }),
      }))
  },
})
