import type { Request, Response } from 'express'
import type { Session } from 'express-session'
import type { User } from '../core/account.ts'
import { AppError } from '../core/errors.ts'
import { addressOf } from './identify.ts'
import { sessionCookie } from './openapi.ts'
import type { Web } from './web.ts'

/** The other side of a request, as far as it is a browser. */
export interface Browser {
  /** It wants a page to look at, not JSON. */
  wantsPage: boolean
  /** Makes the answer carry a new login; the one that was there ends. */
  startSession(user: Pick<User, 'id' | 'name'>): Promise<void>
  /** Ends the login, and its cookie. */
  endSession(): Promise<void>
}

export function browserOf(request: Request, response: Response, web: Web): Browser {
  return {
    get wantsPage() {
      return wantsPage(request)
    },
    async startSession({ id, name }) {
      if (web.config.secureCookie && !isSecure(request)) {
        throw new AppError('invalid', 'SESSION_COOKIE_SECURE=true allows logins over https:// only.')
      }
      await finished((done) => sessionOf(request).regenerate(done))
      const userAgent = (request.headers['user-agent'] ?? '').slice(0, 300)
      request.session.begins = { userId: id, userName: name, address: addressOf(request), userAgent }
      await finished((done) => request.session.save(done))
    },
    async endSession() {
      await finished((done) => sessionOf(request).destroy(done))
      response.clearCookie(sessionCookie, { path: '/', httpOnly: true, sameSite: 'lax' })
    },
  }
}

/** Throws `invalid` for a request with a token, which belongs to no browser. */
function sessionOf(request: Request): Session {
  const session = request.session as Session | undefined
  if (session) return session
  throw new AppError('invalid', 'Log in and out without the header Authorization: a token ends otherwise.')
}

/** Programs say that they take anything, or JSON. */
export function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html'
}

/** As express-session decides it, when the cookie is for HTTPS only. */
function isSecure({ secure, headers }: Request): boolean {
  return (
    secure ||
    String(headers['x-forwarded-proto'] ?? '')
      .split(',')[0]!
      .trim() === 'https'
  )
}

function finished(work: (done: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()))
  })
}
