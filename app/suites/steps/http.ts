import type { z } from 'zod'
import { AppError, messageOf } from '../../core/errors.ts'
import { suiteLimits, type httpStepSchema } from '../../core/test-suite.ts'
import type { Outcome } from '../outcome.ts'

/** The dashboard that a suite is about. */
export interface TestedDashboard {
  /** Without a slash at the end; null: none was named. */
  url: string | null
  token: string | null
}

/**
 * One request; redirects are outcomes, too. Only requests to the dashboard carry its token. Throws `unavailable` when
 * nothing answers.
 */
export async function httpOutcome(
  step: z.infer<typeof httpStepSchema>,
  dashboard: TestedDashboard,
  signal: AbortSignal,
): Promise<Outcome> {
  const url = addressOf(step.url, dashboard)
  const begun = performance.now()
  try {
    const response = await fetch(url, {
      method: step.method,
      redirect: 'manual',
      headers: headersOf(step, dashboard),
      signal,
      ...(bodyOf(step) !== undefined && { body: bodyOf(step)! }),
    })
    const body = await readBody(response)
    const outcome = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body,
      duration_ms: Math.round(performance.now() - begun),
    }
    return { ...outcome, json: parsed(body) }
  } catch (error) {
    if (signal.aborted) throw error
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error)
    throw new AppError('unavailable', `${step.method} ${url} was not answered: ${cause}`, { cause: error })
  }
}

function addressOf(url: string, dashboard: TestedDashboard): string {
  if (/^https?:\/\//.test(url)) return url
  if (!url.startsWith('/')) throw new AppError('invalid', `"${url}" is no address: write http://… or /path.`)
  return `${dashboardUrl(dashboard)}${url}`
}

/** Throws `invalid` when a step needs a dashboard and none was named. */
export function dashboardUrl({ url }: TestedDashboard): string {
  if (url !== null) return url
  throw new AppError('invalid', 'This step is about a dashboard: name it, ARCHITECT_URL=http://… or --url.')
}

type HttpStep = z.infer<typeof httpStepSchema>

function headersOf({ url, headers, json }: HttpStep, { token }: TestedDashboard): Headers {
  const all = new Headers(headers)
  if (json !== undefined && !all.has('content-type')) all.set('content-type', 'application/json')
  if (url.startsWith('/') && token !== null && !all.has('authorization'))
    all.set('authorization', `Bearer ${token}`)
  return all
}

function bodyOf({ json, body }: HttpStep): string | undefined {
  return json === undefined ? body : JSON.stringify(json)
}

/** As far as it is compared with; the rest is not waited for. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    bytes += (chunk as Uint8Array).length
    if (bytes >= suiteLimits.outputBytes) break
  }
  return Buffer.concat(chunks).subarray(0, suiteLimits.outputBytes).toString()
}

/** undefined: the body is no JSON, so that nothing is found in it. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // as it says
  }
}
