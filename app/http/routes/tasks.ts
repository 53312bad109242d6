import type { Route } from '../route.ts'
import { queueRoutes } from './tasks/queue.ts'
import { scheduleRoutes } from './tasks/schedules.ts'
import { workRoutes } from './tasks/work.ts'
import { workerRoutes } from './tasks/workers.ts'

export const taskRoutes: readonly Route[] = [
  ...scheduleRoutes,
  ...workerRoutes,
  ...workRoutes,
  ...queueRoutes,
]
