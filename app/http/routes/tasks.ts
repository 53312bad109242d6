import type { Route } from '../route.ts'
import { queueRoutes } from './tasks/queue.ts'
import { workRoutes } from './tasks/work.ts'
import { workerRoutes } from './tasks/workers.ts'

export const taskRoutes: readonly Route[] = [...workerRoutes, ...workRoutes, ...queueRoutes]
