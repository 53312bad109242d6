import type { z } from 'zod'
import type { Browser } from './browser.ts'
import type { Redirect } from './redirect.ts'
import type { Role, Scope } from '../core/account.ts'
import type { Caller } from './caller.ts'
import type { OwnAnswer } from './own-answer.ts'
import type { Prepared } from './prepared.ts'
import type { Web } from './web.ts'

/**
 * Who may call: everybody, the agent of a session with that session's token, a node with its key, or whoever has at least this role
 * and, with a token, this scope.
 */
export type Access = 'public' | 'session' | 'node' | { role: Role; scope: Scope }

/** One request, checked: who asks, and what with. */
export interface Call<Params, Query, Body> {
  params: Params
  query: Query
  body: Body
  /** null only on public routes. */
  caller: Caller | null
  requestId: string
  /** The client's network address. */
  address: string
  web: Web
}

/** A request to a declared route, with the browser that it came from. */
export interface RouteCall<Params, Query, Body> extends Call<Params, Query, Body> {
  browser: Browser
  /** The header If-Match; null without one. */
  ifMatch: string | null
  /** Aborted when the connection has ended: nobody waits for the answer any more. */
  whileConnected: () => AbortSignal
}

/**
 * One route, declared once. Validation, authorisation, the OpenAPI document and the test that walks all routes
 * come from this.
 */
export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As Express reads it: `/api/prompts/:id`. */
  path: string
  /** Groups routes in the documentation: `Prompts`. */
  tag: string
  summary: string
  access: Access
  params: z.ZodType | null
  query: z.ZodType | null
  body: z.ZodType | null
  /** The body may also come as a plain HTML form sends it. */
  form: boolean
  /** The largest body; null: what suffices for everything else that such a caller sends. */
  bodyBytes: number | null
  /** Nobody looks who asks, for finding that out costs more than the rest; only of public routes. */
  anonymous: boolean
  /** Pages of every site may call it; only of anonymous routes. */
  crossOrigin: boolean
  reply: z.ZodType
  /** Its reply has a version, which is also its ETag; a PUT takes that as If-Match. */
  versioned: boolean
  /** Of a reply without an error. */
  status: number
  handle: (call: RouteCall<unknown, unknown, unknown>) => Promise<unknown>
}

interface Declaration<Params, Query, Body, Reply> {
  method: Route['method']
  path: string
  tag: string
  summary: string
  access: Access
  params?: z.ZodType<Params>
  query?: z.ZodType<Query>
  body?: z.ZodType<Body>
  form?: boolean
  bodyBytes?: number
  anonymous?: boolean
  crossOrigin?: boolean
  reply: z.ZodType<Reply>
  versioned?: Reply extends { version: number } ? boolean : never
  status?: number
  handle: (call: RouteCall<Params, Query, Body>) => Promise<Reply | Prepared<Reply> | Redirect | OwnAnswer>
}

/** Types what the handler gets and gives by the schemas beside it. */
export function defineRoute<Params = null, Query = null, Body = null, Reply = unknown>(
  declaration: Declaration<Params, Query, Body, Reply>,
): Route {
  const {
    params = null,
    query = null,
    body = null,
    form = false,
    bodyBytes = null,
    anonymous = false,
    crossOrigin = false,
    versioned = false,
    status = 200,
    handle,
    ...rest
  } = declaration
  const shapes = { params, query, body, form, bodyBytes, anonymous, crossOrigin, versioned, status }
  return { ...rest, ...shapes, handle: handle as Route['handle'] }
}
