import type { Route } from '../route.ts'
import { assignerRoutes } from './assigner.ts'
import { promptRoutes } from './prompts.ts'

/** What programs steer Architect with, by the documents' paths. */
export const apiRoutes: readonly Route[] = [...assignerRoutes, ...promptRoutes]
