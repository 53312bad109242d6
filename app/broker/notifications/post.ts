import { lookup as resolveName } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Agent } from 'undici'
import { AppError, messageOf } from '../../core/errors.ts'
import { endsWithin } from '../../core/signals.ts'
import { isPublicAddress } from './address.ts'

/** For connecting, sending and the answer together, in ms. */
export const postWithinMs = 10_000
/** More of an answer is not read: only its status matters. */
const maxAnswerBytes = 16_384

export interface Message {
  url: string
  headers: Record<string, string>
  body: string
  /** Addresses of this machine and its networks may be called. */
  allowPrivate: boolean
}

/**
 * Sends one message; resolves with the status of whatever answer came. Redirects are not followed. Throws
 * `forbidden` for an address that is not public, `unavailable` when there is no answer. The name is resolved once,
 * and what it resolves to is what is connected to, so that a name that changes its address gains nothing.
 */
export async function post(message: Message, signal?: AbortSignal): Promise<number> {
  const { url, headers, body, allowPrivate } = message
  const { hostname } = checkUrl(url)
  if (!allowPrivate) requirePublic(hostname.replace(/^\[|\]$/g, ''))
  using limit = endsWithin(postWithinMs, signal)
  // Loaded when a message goes out: it is half of what a command would load otherwise, and few of them send any.
  const undici = await import('undici')
  const agent = guardedAgent(undici, allowPrivate)
  try {
    const answer = await undici.request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'user-agent': 'Architect', ...headers },
      body,
      signal: limit.signal,
    })
    await answer.body.dump({ limit: maxAnswerBytes })
    return answer.statusCode
  } catch (error) {
    throw readable(error, hostname)
  } finally {
    await agent.destroy()
  }
}

/** Throws `invalid` for what can't be called. */
export function checkUrl(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new AppError('invalid', 'The address has to begin with https:// (or http://).')
  }
  if (url.username || url.password) {
    throw new AppError('invalid', 'The address must not carry a user or password; give the secret by itself.')
  }
  return url
}

type Undici = typeof import('undici')

function guardedAgent(undici: Undici, allowPrivate: boolean): Agent {
  const connect = undici.buildConnector({
    timeout: postWithinMs,
    ...(!allowPrivate && { lookup: publicLookup }),
  })
  return new undici.Agent({
    connections: 1,
    headersTimeout: postWithinMs,
    bodyTimeout: postWithinMs,
    connect(options, callback) {
      connect(options, (error, socket) => {
        // What is connected to is looked at once more, whatever resolved it.
        if (socket && !allowPrivate && !isPublicAddress(socket.remoteAddress ?? '')) {
          socket.destroy()
          return callback(refusal(options.hostname), null)
        }
        return error ? callback(error, null) : callback(null, socket)
      })
    },
  })
}

/** One private address among several is enough to refuse: nobody knows which one would be taken. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(refusal(hostname), [])
    if (options.all) return callback(null, addresses)
    const [first] = addresses
    return first ? callback(null, first.address, first.family) : callback(refusal(hostname), [])
  })
}

/** An address in place of a name is never resolved. */
function requirePublic(hostname: string) {
  if (isIP(hostname) !== 0 && !isPublicAddress(hostname)) throw refusal(hostname)
}

function refusal(hostname: string): AppError {
  return new AppError(
    'forbidden',
    `${hostname} is an address of this machine or of its networks. Allow private addresses for this channel if that is meant.`,
  )
}

function readable(error: unknown, hostname: string): AppError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (error instanceof AppError) return error
  if (cause instanceof AppError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  const why = isLate ? `no answer within ${postWithinMs / 1_000} s` : code || messageOf(cause)
  return new AppError('unavailable', `${hostname}: ${why}`, { cause: error })
}
