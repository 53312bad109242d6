import type { Express, RequestHandler, Response } from 'express'
import type { z } from 'zod'
import { bodyOf, bodyReaders } from './body.ts'
import { browserOf } from './browser.ts'
import { authorise } from './caller.ts'
import { allowOtherOrigins } from './cross-origin.ts'
import { addressOf } from './identify.ts'
import { versionTag } from './if-match.ts'
import { refuseForeignOrigins } from './origin.ts'
import { OwnAnswer } from './own-answer.ts'
import { Prepared } from './prepared.ts'
import { Redirect } from './redirect.ts'
import type { Access, Route } from './route.ts'
import type { Web } from './web.ts'

/** Serves a declared route: authorisation first, then the body, then validation, then its handler. */
export function mount(app: Express, route: Route, web: Web): void {
  if (route.crossOrigin) app.options(route.path, allowOtherOrigins)
  app[route.method](route.path, ...doors(route), ...bodyReaders(route), handlerOf(route, web))
}

/** Whoever asks an anonymous route has not passed `refuseForeignOrigins` yet. */
function doors({ access, anonymous, crossOrigin }: Route): RequestHandler[] {
  if (!anonymous) return [guard(access)]
  return [guard(access), crossOrigin ? allowOtherOrigins : refuseForeignOrigins]
}

function guard(access: Access): RequestHandler {
  return (request, _response, next) => {
    authorise(access, request.caller)
    next()
  }
}

function handlerOf(route: Route, web: Web): RequestHandler {
  return async (request, response) => {
    const { caller } = request
    const reply = await route.handle({
      params: parse(route.params, request.params),
      query: parse(route.query, request.query),
      body: route.body && parse(route.body, bodyOf(request)),
      caller,
      requestId: request.id,
      address: addressOf(request),
      web: caller ? { ...web, database: web.database.by(caller.actor) } : web,
      browser: browserOf(request, response, web),
      ifMatch: request.headers['if-match'] ?? null,
      whileConnected: () => signalOf(response),
    })
    response.setHeader('Cache-Control', 'no-store')
    if (reply instanceof OwnAnswer) await reply.write(request, response)
    else if (reply instanceof Redirect) response.redirect(303, reply.path)
    else if (reply instanceof Prepared) reply.send(response.status(route.status))
    else {
      if (route.versioned) response.setHeader('ETag', versionTag(reply as { version: number }))
      response.status(route.status).json(reply)
    }
  }
}

function signalOf(response: Response): AbortSignal {
  const gone = new AbortController()
  if (response.destroyed) gone.abort()
  else response.once('close', () => gone.abort())
  return gone.signal
}

function parse(schema: z.ZodType | null, value: unknown): unknown {
  return schema ? schema.parse(value) : null
}
