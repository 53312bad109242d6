import { z } from 'zod'
import { explainSession } from '../../broker/explain.ts'
import { sessionStates } from '../../core/session.ts'
import { toJson } from '../../json.ts'
import { atSession, nodeName } from '../at-node.ts'
import { defineRoute, type Route } from '../route.ts'
import { evidenceSchema } from '../schemas/prompt.ts'
import { sessionName } from '../schemas/tmux.ts'

const time = z.number().nullable()

const readingSchema = z.object({
  agent: z.string().nullable(),
  version: z.string().nullable(),
  state: z.enum(sessionStates),
  accepts_prompt: z.boolean(),
  draft: z.boolean(),
  trusted: z.boolean(),
  limited_until: time,
  composer: z
    .object({ text: z.string(), pasted: z.boolean(), first_row: z.number(), last_row: z.number() })
    .nullable(),
  rule: z.string(),
  evidence: z.array(evidenceSchema),
  generation: z.string().nullable(),
  pid: z.number().nullable(),
  cwd: z.string(),
})

export const explainRoute: Route = defineRoute({
  method: 'get',
  path: '/api/agents/explain',
  tag: 'Agents',
  summary: 'Why a session is read as it is: evidence, rule, verdict, from a look of this moment',
  access: { role: 'viewer', scope: 'read' },
  query: z.object({ session: sessionName, node: nodeName }),
  reply: z.object({
    at: z.number(),
    session_name: z.string(),
    address: z.string(),
    pane_id: z.string(),
    command: z.string(),
    title: z.string(),
    reading: readingSchema,
  }),
  handle: async ({ web, query }) => {
    return toJson(await explainSession(atSession(web, query.session, query.node), query.session))
  },
})
