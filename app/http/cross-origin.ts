import type { RequestHandler } from 'express'

/**
 * Lets pages of every site call a route, and read its answer: SDKs report from the page in which something broke.
 * No cookie and no login comes along, for `*` allows none.
 */
export const allowOtherOrigins: RequestHandler = (request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After, X-Sentry-Error, X-Sentry-Rate-Limits')
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
  if (request.method !== 'OPTIONS') return next()
  response.setHeader('Access-Control-Allow-Methods', 'POST')
  response.setHeader('Access-Control-Allow-Headers', askedHeaders)
  response.setHeader('Access-Control-Max-Age', '86400')
  response.status(204).end()
}

/** What SDKs of Sentry add to a request. */
const askedHeaders = 'Content-Type, Content-Encoding, X-Sentry-Auth, X-Requested-With, Authorization'
