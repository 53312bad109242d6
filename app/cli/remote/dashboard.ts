import { AppError, messageOf, type ErrorCode } from '../../core/errors.ts'
import { endsWithin } from '../../core/signals.ts'
import type { RemoteAddress } from './address.ts'

/** What an answer may take; one about news is held back on purpose. In ms. */
const answerWithinMs = 30_000

type Query = Record<string, string | number | readonly string[]>

/**
 * Another machine's dashboard over HTTP. Throws the `AppError` that the dashboard answered with; `unavailable`
 * when none answers there; `unauthorized` and `forbidden` with what to do about the token.
 */
export class Dashboard {
  readonly url: string
  readonly #address: RemoteAddress

  constructor(address: RemoteAddress) {
    this.url = address.url
    this.#address = address
  }

  get<Reply>(path: string, query: Query = {}): Promise<Reply> {
    return this.#ask<Reply>('GET', withQuery(path, query))
  }

  send<Reply>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Reply> {
    return this.#ask<Reply>(method, path, { body })
  }

  /** What came after a cursor; waits for it. null: `signal` aborted. */
  async news<Reply>(query: Query, signal: AbortSignal): Promise<Reply | null> {
    try {
      return await this.#ask<Reply>('GET', withQuery('/api/events', query), { signal })
    } catch (error) {
      if (signal.aborted) return null
      throw error
    }
  }

  async #ask<Reply>(
    method: string,
    path: string,
    { body, signal }: { body?: object | undefined; signal?: AbortSignal } = {},
  ): Promise<Reply> {
    using limit = endsWithin(answerWithinMs, signal)
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      signal: limit.signal,
      headers: {
        Authorization: `Bearer ${this.#address.token}`,
        Accept: 'application/json',
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw unreachable(this.#address, error)
    })
    const reply = await readJson(response, this.#address)
    if (response.ok) return reply as Reply
    throw this.#refusal(response.status, reply)
  }

  #refusal(status: number, reply: unknown): AppError {
    const { code, message } = failureIn(reply) ?? {}
    if (status === 401) {
      return new AppError(
        'unauthorized',
        `The dashboard at ${this.url} does not take ARCHITECT_TOKEN: it is wrong, has expired or was ended. ` +
          `Make another one at ${this.url}/settings/tokens.`,
      )
    }
    if (message === undefined) return strange(this.#address, status)
    const known = codes.find((each) => each === code)
    return new AppError(known ?? 'unavailable', known === 'forbidden' ? `${message} (${this.url})` : message)
  }
}

function withQuery(path: string, query: Query): string {
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) words.append(name, String(each))
  }
  return words.size > 0 ? `${path}?${words.toString()}` : path
}

const codes = [
  'invalid',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'limited',
  'unavailable',
] as const satisfies readonly ErrorCode[]

/** Everything that a dashboard says is JSON; what isn't comes from something else. */
async function readJson(response: Response, address: RemoteAddress): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(address, error)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw strange(address, response.status, error)
  }
}

function failureIn(reply: unknown): { code?: string; message?: string } | null {
  if (reply === null || typeof reply !== 'object' || !('error' in reply)) return null
  const { error } = reply
  return error !== null && typeof error === 'object' ? error : null
}

function strange({ url, saidBy }: RemoteAddress, status: number, cause?: unknown): AppError {
  const what = `What answers at ${url} is no dashboard of Architect (status ${status}).`
  return new AppError('unavailable', `${what} ${saidBy} says where it is.`, { cause })
}

function unreachable({ url, saidBy }: RemoteAddress, error: unknown): AppError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const sentence =
    aboutCertificate({ url, saidBy }, code) ?? `${inWords(url, code, cause)} ${saidBy} says where it is.`
  return new AppError('unavailable', sentence, { cause: error })
}

/** null: that is not what is wrong. */
function aboutCertificate(
  { url, saidBy }: Pick<RemoteAddress, 'url' | 'saidBy'>,
  code: string,
): string | null {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate of ${url} is for other names. Write one of those in ${saidBy}.`
  if (code === 'CERT_HAS_EXPIRED')
    return `The certificate of ${url} has expired. ./deploy.sh --ssl makes a new one there.`
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return `What answers at ${url} does not speak HTTPS. Write http:// in ${saidBy}, or start it there with --ssl.`
  if (!/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return null
  return (
    `The certificate of ${url} is not known on this machine. Copy it from there (tls/cert.pem in its data folder) ` +
    'and name the copy: NODE_EXTRA_CA_CERTS=/path/to/cert.pem'
  )
}

function inWords(url: string, code: string, cause: unknown): string {
  if (code === 'ECONNREFUSED') return `Nothing listens at ${url}; is the dashboard running there?`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `There is no machine of that name: ${url}.`
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return `The dashboard at ${url} did not answer within ${answerWithinMs / 1_000} s.`
  }
  return `There is no connection to ${url}: ${code || messageOf(cause)}.`
}
