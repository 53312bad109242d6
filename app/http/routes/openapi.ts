import { z } from 'zod'
import { packageVersion } from '../../version.ts'
import { openApiOf } from '../openapi.ts'
import { Prepared } from '../prepared.ts'
import { Redirect } from '../redirect.ts'
import { defineRoute, type Route } from '../route.ts'

const shared = {
  method: 'get',
  tag: 'System',
  access: { role: 'viewer', scope: 'read' },
} as const

/** The description of all routes, these two as well; made when it is first asked for. */
export function openApiRoutes(routes: () => readonly Route[]): readonly Route[] {
  let made: Prepared<object> | null = null
  const document = defineRoute({
    ...shared,
    path: '/api/openapi.json',
    summary: 'This interface as an OpenAPI 3.1 document',
    reply: z.looseObject({ openapi: z.literal('3.1.0') }),
    handle: () => Promise.resolve((made ??= new Prepared(openApiOf(routes(), packageVersion())))),
  })
  const browsable = defineRoute({
    ...shared,
    path: '/api/docs',
    summary: 'The same as a page for people',
    reply: z.null(),
    handle: () => Promise.resolve(new Redirect('/documentation/api')),
  })
  return [document, browsable]
}
