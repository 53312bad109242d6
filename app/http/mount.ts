import type { Express, Request, RequestHandler } from 'express'
import { z } from 'zod'
import { AppError } from '../core/errors.ts'
import { authorise } from './caller.ts'
import type { Route } from './route.ts'
import type { Web } from './web.ts'

/** Serves a declared route: authorisation first, then validation, then its handler. */
export function mount(app: Express, route: Route, web: Web): void {
  app[route.method](route.path, handlerOf(route, web))
}

function handlerOf(route: Route, web: Web): RequestHandler {
  return async (request, response) => {
    authorise(route.access, request.caller)
    const reply = await route.handle({
      params: parse(route.params, request.params),
      query: parse(route.query, request.query),
      body: route.body && parse(route.body, bodyOf(request)),
      caller: request.caller,
      requestId: request.id,
      address: request.ip ?? '',
      web,
    })
    response.status(route.status).json(reply)
  }
}

function parse(schema: z.ZodType | null, value: unknown): unknown {
  return schema ? schema.parse(value) : null
}

function bodyOf(request: Request): unknown {
  if (request.body !== undefined) return request.body
  // Express leaves the body undefined when its type is not JSON.
  if (Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding']) {
    throw new UnsupportedBody()
  }
  return {}
}

/** 415: the one failure of a request that has no code of its own in the domain. */
class UnsupportedBody extends AppError {
  readonly type = 'encoding.unsupported'
  constructor() {
    super('invalid', 'Send JSON, with Content-Type: application/json.')
  }
}
