import type { Route } from '../../route.ts'
import { assignRoutes } from './assign.ts'
import { exportRoute } from './export.ts'
import { itemRoutes } from './items.ts'
import { workPartRoutes } from './links.ts'
import { milestoneRoutes } from './milestones.ts'
import { projectRoutes } from './projects.ts'

/** Projects and the work in them. */
export const workRoutes: readonly Route[] = [
  ...projectRoutes,
  ...milestoneRoutes,
  exportRoute,
  ...itemRoutes,
  ...workPartRoutes,
  ...assignRoutes,
]
