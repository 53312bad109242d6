import { z } from 'zod'
import { maxLockedPaths, maxLockPathChars } from '../../core/lock.ts'

export const pathsSchema = z.array(z.string().min(1).max(maxLockPathChars)).max(maxLockedPaths)

/** What a session holds in a repository. */
export const lockSchema = z.object({
  id: z.number(),
  node: z.string(),
  project: z.string().describe("git's common folder, shared by all work trees"),
  root: z.string(),
  session: z.string(),
  session_key: z.string().nullable(),
  generation: z.string().nullable(),
  branch: z.string().nullable(),
  files: z.array(z.object({ path: z.string(), locked_at: z.number() })),
  warning: z.string().nullable(),
  refused: z.array(z.string()).describe('asked for by shell while somebody else had it'),
  started_at: z.number(),
  changed_at: z.number(),
  ready_at: z.number().nullable(),
  missing_since: z.number().nullable(),
  shown_in: z.number().nullable(),
})
