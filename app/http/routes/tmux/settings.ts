import { z } from 'zod'
import { changeSession } from '../../../broker/session-settings.ts'
import { toJson } from '../../../json.ts'
import { defineRoute, type Route } from '../../route.ts'
import { settingsSchema } from '../../schemas/session.ts'
import { sessionName } from '../../schemas/tmux.ts'
import { namedSession } from '../assigner/sessions.ts'

const tags = z.array(z.string().trim().min(1).max(100)).max(50).optional()

/** How the assigner treats a session; kept by its name, so that it holds for the next one of that name too. */
export const settingsRoute: Route = defineRoute({
  method: 'patch',
  path: '/api/tmux/sessions/settings',
  tag: 'tmux',
  summary: 'What a session is to the assigner: tier, manager, tags, paused or ignored; only what is given',
  access: { role: 'operator', scope: 'sessions' },
  body: z.strictObject({
    session: sessionName,
    tier: z.enum(['high_level', 'manager', 'worker']).optional(),
    manager: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .nullish()
      .describe('NAME or NODE/NAME of the session that leads it; null: nobody'),
    force: z.boolean().optional().describe('take it away from the manager that it has'),
    tags: tags.describe('all of them'),
    add_tags: tags,
    remove_tags: tags,
    paused: z.boolean().optional(),
    ignored: z.boolean().optional(),
  }),
  reply: z.object({
    success: z.literal(true),
    node: z.string(),
    name: z.string(),
    settings: settingsSchema,
  }),
  async handle({ web, body }) {
    const named = await namedSession(web, body.session)
    const changes = {
      ...(body.tier && { tier: body.tier }),
      ...(body.manager !== undefined && { manager: body.manager }),
      ...(body.force && { force: true }),
      ...(body.tags && { tags: body.tags }),
      ...(body.add_tags && { addTags: body.add_tags }),
      ...(body.remove_tags && { removeTags: body.remove_tags }),
      ...(body.paused !== undefined && { paused: body.paused }),
      ...(body.ignored !== undefined && { ignored: body.ignored }),
    }
    const settings = await changeSession(web.database, named, changes, web.clock.now())
    return { success: true as const, ...named, settings: toJson(settings) }
  },
})
