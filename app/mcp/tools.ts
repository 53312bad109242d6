import type { Tool } from './tool.ts'
import { answer } from './tools/answer.ts'
import { askHuman } from './tools/ask-human.ts'
import { delegate } from './tools/delegate.ts'
import { getResult } from './tools/get-result.ts'
import { listSessions } from './tools/list-sessions.ts'
import { lockFiles } from './tools/lock-files.ts'
import { logError } from './tools/log-error.ts'
import { myTask } from './tools/my-task.ts'
import { report } from './tools/report.ts'
import { review } from './tools/review.ts'
import { sendPrompt } from './tools/send-prompt.ts'
import { waitFor } from './tools/wait-for.ts'

/** What an agent can do here: few and coarse, because it reads all of them whenever it starts. */
export const tools: readonly Tool[] = [
  myTask,
  listSessions,
  delegate,
  waitFor,
  getResult,
  review,
  sendPrompt,
  report,
  answer,
  askHuman,
  lockFiles,
  logError,
]
