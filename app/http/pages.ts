import type { Page } from './page.ts'
import { activityPage } from './pages/activity.ts'
import { apiPage } from './pages/api.ts'
import { documentationPage, documentPage } from './pages/documentation.ts'
import { interactionPage, interactionsPage } from './pages/interactions.ts'
import { editPatternPage, newPatternPage, patternPage, patternsPage } from './pages/patterns.ts'
import { needsYouPage } from './pages/needs-you.ts'
import { locksPage } from './pages/locks.ts'
import { invitePage, newNodePage, nodePage, nodeSettingsPage, nodesPage } from './pages/nodes.ts'
import { errorBugPage, errorPage, errorsPage, sendErrorPage } from './pages/errors.ts'
import { notificationsPage } from './pages/notifications.ts'
import { filePage, filesPage, newFilePage } from './pages/files.ts'
import { boardPage } from './pages/board.ts'
import { editMilestonePage, newMilestonePage } from './pages/milestones.ts'
import { overviewPage } from './pages/overview.ts'
import { editPromptPage, newPromptPage, reassignPage } from './pages/prompt-forms.ts'
import { editProjectPage, newProjectPage, projectPage, projectsPage } from './pages/projects.ts'
import { promptPage } from './pages/prompt.ts'
import { questionPage } from './pages/question.ts'
import { queuePage } from './pages/queue.ts'
import { broadcastPage, newSessionPage } from './pages/session-forms.ts'
import { explainPage, sessionPage, sessionSettingsPage } from './pages/session.ts'
import { sessionsPage } from './pages/sessions.ts'
import { accountPage, newTokenPage, newUserPage, tokensPage, usersPage } from './pages/settings.ts'
import { keysPage, loginPage, searchPage, shellPage } from './pages/small.ts'
import {
  editSecretPage,
  newSecretPage,
  revealPage,
  secretPage,
  vaultAuditPage,
  vaultPage,
} from './pages/vault.ts'
import { assignWorkPage, editWorkPage, newWorkPage, workItemPage } from './pages/work-item.ts'
import { workPage } from './pages/work.ts'
import { planPage, plansPage, planTasksPage } from './pages/plans.ts'
import { sourcesPage } from './pages/sources.ts'
import { suggestionPage, suggestionsPage } from './pages/suggestions.ts'
import { testRunPage, testRunsPage } from './pages/test-runs.ts'
import {
  editServiceAccountPage,
  newServiceAccountPage,
  serviceAccountsPage,
} from './pages/service-accounts.ts'
import { sshKeyPage } from './pages/ssh-key.ts'
import { editSchedulePage, newSchedulePage, schedulesPage, startSchedulePage } from './pages/schedules.ts'
import { newTaskPage, redrivePage, retryTaskPage } from './pages/task-forms.ts'
import { taskPage, tasksPage, workersPage } from './pages/tasks.ts'
import { retentionPage, systemPage, usagePage } from './pages/system.ts'

/** Every page for people, what is more special first: Express takes the first that fits. */
export const pages: readonly Page[] = [
  loginPage,
  overviewPage,
  needsYouPage,
  questionPage,
  interactionsPage,
  interactionPage,
  patternsPage,
  newPatternPage,
  editPatternPage,
  patternPage,
  queuePage,
  newPromptPage,
  editPromptPage,
  reassignPage,
  promptPage,
  sessionsPage,
  locksPage,
  newSessionPage,
  broadcastPage,
  explainPage,
  sessionSettingsPage,
  sessionPage,
  nodesPage,
  invitePage,
  newNodePage,
  nodeSettingsPage,
  nodePage,
  workPage,
  boardPage,
  newWorkPage,
  editWorkPage,
  assignWorkPage,
  workItemPage,
  projectsPage,
  newProjectPage,
  editProjectPage,
  newMilestonePage,
  editMilestonePage,
  filesPage,
  newFilePage,
  filePage,
  projectPage,
  tasksPage,
  newTaskPage,
  redrivePage,
  retryTaskPage,
  taskPage,
  workersPage,
  schedulesPage,
  newSchedulePage,
  editSchedulePage,
  startSchedulePage,
  errorsPage,
  sendErrorPage,
  errorBugPage,
  errorPage,
  sourcesPage,
  plansPage,
  planTasksPage,
  planPage,
  suggestionsPage,
  suggestionPage,
  testRunsPage,
  testRunPage,
  vaultPage,
  vaultAuditPage,
  serviceAccountsPage,
  newServiceAccountPage,
  editServiceAccountPage,
  sshKeyPage,
  newSecretPage,
  editSecretPage,
  revealPage,
  secretPage,
  activityPage,
  documentationPage,
  apiPage,
  documentPage,
  accountPage,
  newTokenPage,
  tokensPage,
  newUserPage,
  usersPage,
  notificationsPage,
  usagePage,
  retentionPage,
  systemPage,
  keysPage,
  searchPage,
  shellPage,
]
