import type { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { promptStepSchema, tmuxStepSchema } from '../../core/test-suite.ts'
import { valueAt, type Outcome } from '../outcome.ts'
import { httpOutcome, type TestedDashboard } from './http.ts'

/** Types into a session, or reads its screen, by the API of the dashboard. */
export async function tmuxOutcome(
  { session, send, submit }: z.infer<typeof tmuxStepSchema>,
  dashboard: TestedDashboard,
  signal: AbortSignal,
): Promise<Outcome> {
  const path = send === undefined ? '/api/tmux/capture' : '/api/tmux/send'
  const body = send === undefined ? { session } : { session, text: send, submit }
  const outcome = await ask(dashboard, 'POST', path, body, signal)
  return { ...outcome, screen: valueAt(outcome, 'json.output') ?? '' }
}

const endedStates = ['completed', 'failed', 'cancelled']
const lookEveryMs = 500

/** Queues a prompt and, unless told, waits for its end; `state`, `answer` and the whole `prompt` are the outcome. */
export async function promptOutcome(
  { content, target_session, priority, wait_for }: z.infer<typeof promptStepSchema>,
  dashboard: TestedDashboard,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  const wanted = { content, priority, ...(target_session !== undefined && { target_session }) }
  const sent = await ask(dashboard, 'POST', '/api/assigner/send', wanted, signal)
  const id = valueAt(sent, 'json.prompt_id')
  if (typeof id !== 'number')
    throw new AppError('unavailable', 'The dashboard gave no number for the prompt.')
  for (;;) {
    const { json: prompt } = await ask(dashboard, 'GET', `/api/assigner/prompts/${id}`, undefined, signal)
    const outcome = { prompt_id: id, prompt } as Outcome
    const state = valueAt(outcome, 'prompt.state')
    if (wait_for === 'queued' || endedStates.includes(String(state))) {
      return {
        ...outcome,
        state,
        answer: valueAt(outcome, 'prompt.answer') ?? valueAt(outcome, 'prompt.result') ?? '',
      }
    }
    await clock.sleep(lookEveryMs, signal)
    signal.throwIfAborted()
  }
}

async function ask(
  dashboard: TestedDashboard,
  method: 'GET' | 'POST',
  url: string,
  json: object | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome = await httpOutcome({ method, url, headers: {}, ...(json && { json }) }, dashboard, signal)
  if (Number(outcome['status']) < 300) return outcome
  const message = valueAt(outcome, 'json.error.message')
  const why = typeof message === 'string' ? message : `status ${String(outcome['status'])}`
  throw new AppError('unavailable', `The dashboard refused: ${why}`)
}
