import type { Route } from '../route.ts'
import { changeRoutes } from './prompts/change.ts'
import { familyRoutes } from './prompts/family.ts'
import { readRoutes } from './prompts/read.ts'

/** The same queue in Nightshift's paths and words. */
export const promptRoutes: readonly Route[] = [...readRoutes, ...changeRoutes, ...familyRoutes]
