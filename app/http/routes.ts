import type { Route } from './route.ts'
import { accountRoutes } from './routes/account.ts'
import { apiRoutes } from './routes/api.ts'
import { healthRoute } from './routes/health.ts'
import { loginRoutes } from './routes/login.ts'
import { openApiRoutes } from './routes/openapi.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'

/** Everything that the dashboard answers to; what is not here does not exist. */
export const routes: readonly Route[] = [
  ...apiRoutes,
  healthRoute,
  ...loginRoutes,
  ...accountRoutes,
  ...tokenRoutes,
  ...userRoutes,
  ...openApiRoutes(() => routes),
]
