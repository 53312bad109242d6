import type { Request, RequestHandler } from 'express'
import { AppError } from '../core/errors.ts'
import { bearerOf } from './bearer.ts'
import { sessionCookie } from './openapi.ts'

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/**
 * Keeps pages of other origins from acting with the cookie of somebody who is logged in, or logging somebody
 * in. Browsers say where a request comes from (`Sec-Fetch-Site`, over http:// `Origin` alone); whoever sends
 * the cookie without saying it is refused. A token comes along only when a program sends it.
 */
export const refuseForeignOrigins: RequestHandler = (request, _response, next) => {
  const isHarmless = safeMethods.includes(request.method) || bearerOf(request) !== null
  if (isHarmless || isOwnOrigin(request)) return next()
  const advice = "Programs send a token, or the header Origin with this dashboard's own address."
  next(new AppError('forbidden', `This request does not come from a page of this dashboard. ${advice}`))
}

function isOwnOrigin({ headers }: Request): boolean {
  const { origin, host, cookie = '' } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  if (origin !== undefined) return hostOf(origin) === host?.toLowerCase()
  return !cookie.includes(`${sessionCookie}=`)
}

/** `null` is what browsers send for a page without an origin, such as one in a sandbox. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
