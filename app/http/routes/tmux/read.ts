import { z } from 'zod'
import { findPane } from '../../../broker/named-session.ts'
import { atNode, atSession, nodeName } from '../../at-node.ts'
import { paneText } from '../../pane-text.ts'
import { defineRoute, type Route } from '../../route.ts'
import { pageOf } from '../../schemas/list.ts'
import { sessionName, tmuxSessionSchema } from '../../schemas/tmux.ts'
import { tmuxSessions } from '../../tmux-sessions.ts'

const tag = 'tmux'
const access = { role: 'viewer', scope: 'read' } as const

const listRoute = defineRoute({
  method: 'get',
  path: '/api/tmux/sessions',
  tag,
  summary: 'Every tmux session of a machine, with its panes',
  access,
  query: z.object({ node: nodeName }),
  reply: pageOf(tmuxSessionSchema),
  async handle({ web, query }) {
    return { items: await tmuxSessions(atNode(web, query.node), { fresh: false }), next_cursor: null }
  },
})

const refreshRoute = defineRoute({
  method: 'post',
  path: '/api/tmux/sessions/refresh',
  tag,
  summary: 'The same, every agent looked at now',
  access,
  reply: pageOf(tmuxSessionSchema).extend({ success: z.literal(true), count: z.number() }),
  body: z.strictObject({ node: nodeName }).default({}),
  async handle({ web, body }) {
    const items = await tmuxSessions(atNode(web, body.node), { fresh: true })
    return { success: true as const, count: items.length, items, next_cursor: null }
  },
})

const captureRoute = defineRoute({
  method: 'post',
  path: '/api/tmux/capture',
  tag,
  summary: 'What a session shows, with its scrollback',
  access,
  body: z.strictObject({
    session: sessionName,
    node: nodeName,
    lines: z.number().int().min(1).max(10_000).default(100),
  }),
  reply: z.object({
    success: z.literal(true),
    node: z.string(),
    session: z.string(),
    pane_id: z.string(),
    address: z.string(),
    output: z.string(),
  }),
  async handle({ web, body }) {
    const { host, reader } = atSession(web, body.session, body.node)
    const pane = await findPane({ host, reader }, body.session)
    const output = await paneText(host, pane, body.lines)
    const { sessionName: session, paneId, address } = pane
    return { success: true as const, node: host.node, session, pane_id: paneId, address, output }
  },
})

export const readRoutes: readonly Route[] = [listRoute, refreshRoute, captureRoute]
