import type { Route } from '../../route.ts'
import { projectRoutes } from './projects.ts'

/** Projects and the work in them. */
export const workRoutes: readonly Route[] = [...projectRoutes]
