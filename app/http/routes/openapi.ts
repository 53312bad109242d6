import { z } from 'zod'
import { packageVersion } from '../../version.ts'
import { openApiOf } from '../openapi.ts'
import { Prepared } from '../prepared.ts'
import { defineRoute, type Route } from '../route.ts'

/** The description of all routes, this one as well; made when it is first asked for. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let made: Prepared<object> | null = null
  return defineRoute({
    method: 'get',
    path: '/api/openapi.json',
    tag: 'System',
    summary: 'This interface as an OpenAPI 3.1 document',
    access: { role: 'viewer', scope: 'read' },
    reply: z.looseObject({ openapi: z.literal('3.1.0') }),
    handle: () => Promise.resolve((made ??= new Prepared(openApiOf(routes(), packageVersion())))),
  })
}
