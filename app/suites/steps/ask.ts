import { AppError } from '../../core/errors.ts'
import { valueAt, type Outcome } from '../outcome.ts'
import { httpOutcome, type TestedDashboard } from './http.ts'

/** Asks the dashboard that is tested. Throws `unavailable` with its own sentence when it refuses. */
export async function ask(
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
