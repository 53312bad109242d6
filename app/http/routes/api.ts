import type { Route } from '../route.ts'
import { activityRoutes } from './activity.ts'
import { agentRoutes } from './agents.ts'
import { assignerRoutes } from './assigner.ts'
import { documentationRoutes } from './documentation.ts'
import { errorRoutes } from './errors.ts'
import { eventsRoute } from './events.ts'
import { explainRoute } from './explain.ts'
import { interactionRoutes } from './interactions/interactions.ts'
import { patternRoutes } from './interactions/patterns.ts'
import { fileRoutes } from './files.ts'
import { humanTaskRoutes } from './human-tasks.ts'
import { lockRoutes } from './locks.ts'
import { mcpRoutes } from './mcp.ts'
import { nodeRoutes } from './nodes.ts'
import { notificationRoutes } from './notifications.ts'
import { promptRoutes } from './prompts.ts'
import { searchRoute } from './search.ts'
import { secretRoutes } from './vault/secrets.ts'
import { serviceAccountRoutes } from './service-accounts.ts'
import { settingRoutes } from './settings.ts'
import { sshKeyRoutes } from './ssh-keys.ts'
import { statsRoute } from './stats.ts'
import { taskRoutes } from './tasks.ts'
import { telemetryRoutes } from './telemetry.ts'
import { tmuxRoutes } from './tmux.ts'
import { vaultRoutes } from './vault/vault.ts'
import { codeFolderRoutes } from './sources/sources.ts'
import { planQueueRoutes } from './sources/plan-queue.ts'
import { planRoutes } from './sources/plans.ts'
import { suggestionRoutes } from './suggestions/suggestions.ts'
import { testRunRoutes } from './suites/test-runs.ts'
import { workRoutes } from './work/work.ts'

/** What programs steer Architect with, by the documents' paths. */
export const apiRoutes: readonly Route[] = [
  ...assignerRoutes,
  ...promptRoutes,
  ...agentRoutes,
  ...mcpRoutes,
  ...telemetryRoutes,
  explainRoute,
  ...interactionRoutes,
  ...patternRoutes,
  ...lockRoutes,
  ...humanTaskRoutes,
  ...nodeRoutes,
  ...errorRoutes,
  // Before the tasks, of which one could be called so.
  ...suggestionRoutes,
  ...taskRoutes,
  ...notificationRoutes,
  ...tmuxRoutes,
  ...activityRoutes,
  eventsRoute,
  ...documentationRoutes,
  searchRoute,
  statsRoute,
  ...settingRoutes,
  ...secretRoutes,
  ...vaultRoutes,
  ...serviceAccountRoutes,
  ...sshKeyRoutes,
  ...workRoutes,
  ...codeFolderRoutes,
  ...planRoutes,
  ...planQueueRoutes,
  ...testRunRoutes,
  ...fileRoutes,
]
