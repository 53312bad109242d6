import { z } from 'zod'
import { sessionRows } from '../../broker/session-view.ts'
import { asksOfLed } from '../shown-asks.ts'
import { defineTool } from '../tool.ts'

export const listSessions = defineTool({
  name: 'list_sessions',
  description:
    'The agent sessions there are: name, tier, manager, state, what each works on, and what those ask that you lead.',
  input: z.object({}),
  readOnly: true,
  async handle({ database, session }) {
    const rows = await sessionRows(database, session.node, null)
    const asks = await asksOfLed(database, session)
    return rows
      .filter(({ settings }) => !settings?.ignored)
      .map(({ key, node, name, agent, state, promptId, settings }) => ({
        name: node === session.node ? name : `${node}/${name}`,
        ...(node === session.node && name === session.name && { you: true }),
        tier: settings?.tier ?? 'worker',
        ...(settings?.manager && { manager: settings.manager }),
        ...(settings?.tags.length && { tags: settings.tags }),
        agent,
        state,
        ...(promptId !== null && { prompt: promptId }),
        ...(asks.has(key) && { asks: asks.get(key)!.shown }),
      }))
  },
})
