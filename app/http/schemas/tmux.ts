import { z } from 'zod'
import { sessionStates } from '../../core/session.ts'

/** As people name it: NAME, NAME:WINDOW.PANE or %7. */
export const sessionName = z.string().min(1).max(500)

const paneSchema = z.object({
  key: z.string(),
  pane_id: z.string(),
  address: z.string(),
  command: z.string(),
  title: z.string(),
  path: z.string(),
  width: z.number(),
  height: z.number(),
  dead: z.boolean(),
  activity_at: z.number(),
  agent: z.string().nullable().describe('null: no agent works in it'),
  state: z.enum(sessionStates),
})

/** One tmux session, whether an agent is in it or not. */
export const tmuxSessionSchema = z.object({
  name: z.string(),
  node: z.string(),
  server: z.string(),
  agent: z.string().nullable(),
  state: z.enum(sessionStates),
  panes: z.array(paneSchema),
})
