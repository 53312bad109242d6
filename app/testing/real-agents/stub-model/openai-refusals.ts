import type { Refusal, Refused } from './dialect.ts'

const messages: Record<number, string> = {
  401: 'Incorrect API key provided',
  429: 'Rate limit reached for requests',
  500: 'The server had an error while processing your request',
}

/** Refusals of both OpenAI APIs. */
export function refuseOpenai(refusal: Refusal): Refused {
  if (refusal.why === 'limit') return usageLimit()
  if (refusal.why === 'credit') return failure(429, noCredit)
  const message = messages[refusal.status] ?? `stub error ${refusal.status}`
  return failure(refusal.status, { message, type: 'stub_error', code: null })
}

const noCredit = {
  message: 'You exceeded your current quota, please check your plan and billing details.',
  type: 'insufficient_quota',
  code: 'insufficient_quota',
}

const limitS = 7200

function usageLimit(): Refused {
  const error = {
    type: 'usage_limit_reached',
    message: 'The usage limit has been reached',
    plan_type: 'plus',
    resets_at: Math.floor(Date.now() / 1000) + limitS,
    resets_in_seconds: limitS,
  }
  return failure(429, error, {
    'x-codex-primary-used-percent': '100',
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-after-seconds': String(limitS),
  })
}

function failure(status: number, error: object, headers: Record<string, string> = {}): Refused {
  return { status, headers, body: { error } }
}
