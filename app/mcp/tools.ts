import type { Tool } from './tool.ts'
import { getResult } from './tools/get-result.ts'
import { listSessions } from './tools/list-sessions.ts'

/** What an agent can do here: few and coarse, because it reads all of them whenever it starts. */
export const tools: readonly Tool[] = [listSessions, getResult]
