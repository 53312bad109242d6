import type { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { AppError, messageOf } from '../../core/errors.ts'
import { endsWithin, endsLater } from '../../core/signals.ts'
import type { promptStepSchema } from '../../core/test-suite.ts'
import { valueAt, type Outcome } from '../outcome.ts'
import { ask } from './ask.ts'
import type { TestedDashboard } from './http.ts'

const endedStates = ['completed', 'failed', 'cancelled']
const lookEveryMs = 500
/** For the dashboard to answer after the step's own time is over. */
const takeBackWithinMs = 5_000

/**
 * Queues a prompt and, unless told, waits for its end; `state`, `answer` and the whole `prompt` are the outcome. When
 * the signal ends first, the prompt is taken back, and the error says how it stood.
 */
export async function promptOutcome(
  { content, target_session, priority, wait_for }: z.infer<typeof promptStepSchema>,
  dashboard: TestedDashboard,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  const wanted = { content, priority, ...(target_session !== undefined && { target_session }) }
  const id = await send(wanted, dashboard, signal)
  try {
    for (;;) {
      const outcome = await look(id, dashboard, signal)
      if (wait_for === 'queued' || endedStates.includes(String(outcome['state']))) return outcome
      await clock.sleep(lookEveryMs, signal)
      signal.throwIfAborted()
    }
  } catch (error) {
    throw new AppError('unavailable', await takeBack(id, dashboard, signal.aborted ? null : error), {
      cause: error,
    })
  }
}

/** Its number is waited for although the signal ends: without it, nobody could take the prompt back. */
async function send(wanted: object, dashboard: TestedDashboard, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  using late = endsLater(takeBackWithinMs, signal)
  const sent = await ask(dashboard, 'POST', '/api/assigner/send', wanted, late.signal)
  const id = valueAt(sent, 'json.prompt_id')
  if (typeof id === 'number') return id
  throw new AppError('unavailable', 'The dashboard gave no number for the prompt.')
}

async function look(id: number, dashboard: TestedDashboard, signal: AbortSignal): Promise<Outcome> {
  const { json: prompt } = await ask(dashboard, 'GET', `/api/assigner/prompts/${id}`, undefined, signal)
  const outcome = { prompt } as Outcome
  return {
    prompt_id: id,
    prompt,
    state: valueAt(outcome, 'prompt.state'),
    answer: valueAt(outcome, 'prompt.answer') ?? valueAt(outcome, 'prompt.reason') ?? '',
  }
}

/** A sentence that says how the prompt stood, and whether it could be taken back. `fault` is what went wrong before. */
async function takeBack(id: number, dashboard: TestedDashboard, fault: unknown): Promise<string> {
  using limit = endsWithin(takeBackWithinMs)
  const before = fault === null ? '' : `${messageOf(fault)} `
  try {
    const outcome = await look(id, dashboard, limit.signal)
    const stood = `Prompt ${id} was ${await standing(outcome, dashboard, limit.signal)}`
    if (endedStates.includes(String(outcome['state']))) return `${before}${stood}.`
    await ask(dashboard, 'POST', `/api/prompts/${id}/cancel`, undefined, limit.signal)
    return `${before}${stood}; it was taken back.`
  } catch (error) {
    return `${before}Prompt ${id} could not be taken back: ${messageOf(error)}`
  }
}

/** `in progress in ada, which asks for permission`, or why it still waits. */
async function standing(outcome: Outcome, dashboard: TestedDashboard, signal: AbortSignal): Promise<string> {
  const state = String(outcome['state']).replaceAll('_', ' ')
  const waitsFor = valueAt(outcome, 'prompt.waiting_for')
  if (typeof waitsFor === 'string') return `${state} (${waitsFor})`
  const session = valueAt(outcome, 'prompt.session_name')
  if (typeof session !== 'string') return state
  const doing = await doingOf(session, dashboard, signal)
  return `${state} in ${session}${doing === null ? '' : `, which ${doing}`}`
}

/** null: nothing that explains why a prompt takes long. */
async function doingOf(
  session: string,
  dashboard: TestedDashboard,
  signal: AbortSignal,
): Promise<string | null> {
  const outcome = await ask(dashboard, 'GET', '/api/tmux/sessions', undefined, signal)
  const all = valueAt(outcome, 'json.items') as { name: string; state: string }[]
  const state = all.find(({ name }) => name === session)?.state ?? 'gone'
  return doings[state] ?? null
}

const doings: Record<string, string> = {
  permission: 'asks for permission',
  question: 'asks a question',
  menu: 'shows a menu',
  onboarding: 'waits for a login or a first setting',
  limited: 'has met its usage limit',
  error: 'shows an error',
  not_agent: 'holds no agent any more',
  gone: 'is gone',
}
