import type { Route } from '../route.ts'
import { changeNodeRoutes } from './nodes/change.ts'
import { readNodeRoutes } from './nodes/read.ts'
import { reportNodeRoutes } from './nodes/report.ts'
import { termiusRoutes } from './nodes/termius.ts'

export const nodeRoutes: readonly Route[] = [
  ...readNodeRoutes,
  ...changeNodeRoutes,
  ...reportNodeRoutes,
  ...termiusRoutes,
]
