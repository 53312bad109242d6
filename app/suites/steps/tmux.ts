import type { z } from 'zod'
import type { tmuxStepSchema } from '../../core/test-suite.ts'
import { valueAt, type Outcome } from '../outcome.ts'
import { ask } from './ask.ts'
import type { TestedDashboard } from './http.ts'

/** Types into a session, or reads its screen, by the API of the dashboard. */
export async function tmuxOutcome(
  { session, send, keys, submit, raw }: z.infer<typeof tmuxStepSchema>,
  dashboard: TestedDashboard,
  signal: AbortSignal,
): Promise<Outcome> {
  if (send === undefined && keys === undefined) {
    const outcome = await ask(dashboard, 'POST', '/api/tmux/capture', { session }, signal)
    return { ...outcome, screen: valueAt(outcome, 'json.output') ?? '' }
  }
  const typed = send === undefined ? { keys } : { command: send, enter: submit }
  return ask(dashboard, 'POST', '/api/tmux/send', { session, raw, ...typed }, signal)
}
