import type { Route } from './route.ts'
import { healthRoute } from './routes/health.ts'

/** Everything that the dashboard answers to; what is not here does not exist. */
export const routes: readonly Route[] = [healthRoute]
