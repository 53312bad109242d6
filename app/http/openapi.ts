import { z } from 'zod'
import type { Route } from './route.ts'

/** The OpenAPI 3.1 document of all declared routes. */
export function openApiOf(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Architect', version },
    security: [{ token: [] }, { session: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
      },
      schemas: { Failure: jsonSchema(failureSchema, 'output') },
    },
    paths,
  }
}

export const sessionCookie = 'architect.sid'

function operationOf(route: Route): object {
  const { tag, summary, access, params, query, body, reply, status } = route
  return {
    tags: [tag],
    summary,
    ...(access === 'public' ? { security: [] } : { description: describeAccess(access) }),
    parameters: [
      ...parametersOf(params, 'path'),
      ...parametersOf(query, 'query'),
      ...(takesVersion(route) ? [ifMatch] : []),
    ],
    ...(body && { requestBody: { required: true, content: json(jsonSchema(body, 'input')) } }),
    responses: {
      [status]: {
        description: 'Done',
        ...(route.versioned && { headers: { ETag: versionHeader } }),
        content: json(jsonSchema(reply, 'output')),
      },
      default: { description: 'Refused', content: json({ $ref: '#/components/schemas/Failure' }) },
    },
  }
}

const takesVersion = ({ versioned, method }: Route) => versioned && (method === 'put' || method === 'delete')

const versionHeader = {
  description: 'The version, and behind a dash a hash of all that is shown: `"3-Jq0XGkzH"`',
  schema: { type: 'string' },
}

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag that was read: changes that version only; 412 with the present state otherwise',
  schema: { type: 'string' },
}

function describeAccess(access: Exclude<Route['access'], 'public'>): string {
  if (access === 'session') return 'For agents: takes the token of a session.'
  if (access === 'node') return 'For nodes: takes the key of a node.'
  return `Takes the role ${access.role}; a token, the scope ${access.scope}.`
}

function parametersOf(schema: z.ZodType | null, where: 'path' | 'query'): object[] {
  if (!schema) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, object>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const json = (schema: object) => ({ 'application/json': { schema } })

const failureSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), request_id: z.string() }),
})
