import { randomUUID } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { AppError } from '../core/errors.ts'
import { answerFailures, notFound } from './failures.ts'
import { identify } from './identify.ts'
import { mount } from './mount.ts'
import { mountPages } from './mount-pages.ts'
import { refuseForeignOrigins } from './origin.ts'
import { pages } from './pages.ts'
import type { Route } from './route.ts'
import type { Web } from './web.ts'

/** The dashboard's HTTP side: what every request passes, then the declared routes and pages. */
export function buildApp(web: Web, routes: readonly Route[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', web.config.trustedProxies)
  app.use(nameRequest, secureHeaders(), refuseNul)
  for (const route of routes.filter(({ anonymous }) => anonymous)) mount(app, route, web)
  app.use(refuseForeignOrigins, identify(web))
  for (const route of routes.filter(({ anonymous }) => !anonymous)) mount(app, route, web)
  const answerBrowsers = mountPages(app, pages, web)
  app.use(sayNotFound)
  app.use(answerBrowsers, answerFailures(web))
  return app
}

/** No name or text of ours holds U+0000, and PostgreSQL takes none: what asks for one would be a fault there. */
const refuseNul: RequestHandler = ({ url }, _response, next) =>
  url.includes('%00') ? next(new AppError('invalid', 'The address holds a NUL character.')) : next()

const sayNotFound: RequestHandler = (request, _response, next) => next(notFound(request.path))

const nameRequest: RequestHandler = (request, response, next) => {
  request.id = randomUUID()
  request.caller = null
  response.setHeader('X-Request-Id', request.id)
  next()
}

/** The same for every answer, so they are made once: helmet's thirteen steps cost more than a small reply. */
function secureHeaders(): RequestHandler {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  madeByHelmet(response.req, response, (error) => {
    if (error) throw error
  })
  const headers = Object.entries(response.getHeaders()) as [string, string][]
  return function helmetMiddleware(_request, answer, next) {
    for (const [name, value] of headers) answer.setHeader(name, value)
    next()
  }
}

/** Nothing inline, nothing from elsewhere; sockets to the own origin. */
const own = ["'self'"]
const madeByHelmet = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: own,
      styleSrc: own,
      imgSrc: [...own, 'data:'],
      fontSrc: own,
      connectSrc: own,
      formAction: own,
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      manifestSrc: own,
    },
  },
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'same-origin' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
})
