import type { Route } from '../route.ts'
import { controlRoutes } from './assigner/controls.ts'
import { healthRoute } from './assigner/health.ts'
import { promptRoutes } from './assigner/prompts.ts'
import { sendRoute } from './assigner/send.ts'
import { sessionsRoute } from './assigner/sessions.ts'
import { statusRoute } from './assigner/status.ts'
import { steerRoutes } from './assigner/steer.ts'

/** The queue as the command line knows it. */
export const assignerRoutes: readonly Route[] = [
  // Express looks through the routes in turn: what is asked most often stands first.
  statusRoute,
  sendRoute,
  sessionsRoute,
  healthRoute,
  ...promptRoutes,
  ...steerRoutes,
  ...controlRoutes,
]
