import type { Route } from '../route.ts'
import { createBugRoute } from './errors/create-bug.ts'
import { changeErrorRoutes } from './errors/change.ts'
import { readErrorRoutes } from './errors/read.ts'
import { reportErrorRoutes } from './errors/report.ts'
import { sendErrorRoute } from './errors/send.ts'
import { sentryRoutes } from './errors/sentry.ts'

export const errorRoutes: readonly Route[] = [
  ...reportErrorRoutes,
  ...readErrorRoutes,
  ...changeErrorRoutes,
  sendErrorRoute,
  createBugRoute,
  ...sentryRoutes,
]
