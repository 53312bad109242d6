import type { IncomingMessage } from 'node:http'
import { callbackify } from 'node:util'
import type { Request, RequestHandler } from 'express'
import session, { type SessionData } from 'express-session'
import { activityStepMs } from '../accounts/timeout.ts'
import { messageOf } from '../core/errors.ts'
import { markLoginActive, type BrowserLogin } from '../db/account/logins.ts'
import { bearerCaller, bearerOf } from './bearer.ts'
import type { Caller } from './caller.ts'
import { sessionCookie } from './openapi.ts'
import { LoginStore } from './session-store.ts'
import type { Web } from './web.ts'

/**
 * Finds out who asks and sets `request.caller`: by `Authorization: Bearer …` when it is there, whether it is
 * worth anything or not, otherwise by the cookie of a login. Needs nothing of Express, so that sockets can use
 * it: `io.engine.use(identify(web))`.
 */
export function identify(web: Web): RequestHandler {
  const browserSession = openSession(web)
  return function identifyCaller(request, response, next) {
    const identified = (failure: unknown, caller?: Caller | null) => {
      request.caller = caller ?? null
      next(failure ?? undefined)
    }
    const bearer = bearerOf(request)
    // A program has no session; making and hashing one for each of its requests would be for nothing.
    if (bearer !== null) return findBearer(web, bearer, addressOf(request), identified)
    browserSession(request, response, (failure?: unknown) => {
      if (failure) return identified(failure)
      identified(null, browserCaller(web, request))
    })
  }
}

const findBearer = callbackify(bearerCaller)

/** Where a request came from over the network, also for one that Express has not seen. */
export function addressOf(request: IncomingMessage & { ip?: string | undefined }): string {
  return (request.ip ?? request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

function openSession(web: Web): RequestHandler {
  return session({
    name: sessionCookie,
    secret: web.keys.cookies,
    store: new LoginStore(web),
    resave: false,
    saveUninitialized: false,
    // Who says that cookies go over HTTPS only has a proxy in front, or `--ssl`.
    ...(web.config.secureCookie && { proxy: true }),
    cookie: {
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      secure: web.config.secureCookie || 'auto',
    },
  })
}

function browserCaller(web: Web, request: Request): Caller | null {
  // Missing for addresses without a path, such as that of `OPTIONS *`.
  const login = (request.session as SessionData | undefined)?.login
  if (!login) return null
  if (!isBackground(request)) noteActivity(web, login)
  return {
    userId: login.userId,
    name: login.userName,
    role: login.role,
    scopes: null,
    login: `session:${login.id}`,
    session: login,
    agent: null,
    expiresAt: null,
    actor: { kind: 'user', name: login.userName, address: addressOf(request) },
  }
}

/** What a page does by itself is not activity: polling, sockets, and asking how much time is left. */
function isBackground({ headers, method, url = '' }: IncomingMessage): boolean {
  const path = url.split('?')[0]!
  return (
    headers['x-background'] === '1' ||
    path.startsWith('/socket.io/') ||
    (method === 'GET' && path === '/api/session')
  )
}

/** No request waits for it; a failure costs a step of activity at most. */
function noteActivity({ config, clock, database, log }: Web, { id, activeAt }: BrowserLogin): void {
  const now = clock.now()
  if (now - activeAt < activityStepMs(config)) return
  database
    .write((db) => markLoginActive(db, id, now))
    .catch((error: unknown) => log.json.warn({ err: error }, `activity was not kept: ${messageOf(error)}`))
}
