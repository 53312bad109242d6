import { defineRoute, type Route } from '../../route.ts'
import { statusSchema } from '../../schemas/status.ts'
import { assignerStatus } from '../../assigner-status.ts'

/** The queue's figures in one glance; asked so often that its JSON is made once per event. */
export const statusRoute: Route = defineRoute({
  method: 'get',
  path: '/api/assigner/status',
  tag: 'Assigner',
  summary: 'Queue figures, what runs where, and what needs a person',
  access: { role: 'viewer', scope: 'read' },
  reply: statusSchema,
  handle: ({ web }) => assignerStatus(web),
})
