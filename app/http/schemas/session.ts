import { z } from 'zod'
import { sessionStates } from '../../core/session.ts'

/** What people settled about a session. */
export const settingsSchema = z.object({
  node: z.string(),
  name: z.string(),
  tier: z.enum(['high_level', 'manager', 'worker']).nullable(),
  tags: z.array(z.string()),
  paused: z.boolean(),
  ignored: z.boolean(),
  manager: z.string().nullable(),
  created_by: z.string().nullable(),
  agent: z.string().nullable(),
  dir: z.string().nullable(),
  updated_at: z.number(),
})

/** One agent session as the assigner saw it last. */
export const sessionSchema = z.object({
  key: z.string(),
  node: z.string(),
  name: z.string(),
  address: z.string(),
  pane_id: z.string(),
  agent: z.string().nullable(),
  version: z.string().nullable(),
  state: z.enum(sessionStates),
  since: z.number().nullable(),
  accepts_prompt: z.boolean(),
  draft: z.boolean(),
  trusted: z.boolean(),
  limited_until: z.number().nullable(),
  cwd: z.string(),
  prompt_id: z.number().nullable(),
  settings: settingsSchema.nullable(),
})
