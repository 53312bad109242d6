import type { Route } from '../route.ts'
import { readRoutes } from './tmux/read.ts'
import { settingsRoute } from './tmux/settings.ts'
import { steerRoutes } from './tmux/steer.ts'

/** The terminals of every machine. */
export const tmuxRoutes: readonly Route[] = [...readRoutes, settingsRoute, ...steerRoutes]
