import { packageVersion } from '../../version.ts'
import { openApiOf } from '../openapi.ts'
import { definePage, type Page } from '../page.ts'
import type { Route } from '../route.ts'
import { routes } from '../routes.ts'

interface Operation {
  summary: string
  description?: string
  parameters: { name: string; in: string; required: boolean }[]
  requestBody?: unknown
  responses: Record<string, unknown>
}

/** Every route for programs, from their declarations. */
export const apiPage: Page = definePage({
  path: '/documentation/api',
  name: 'api',
  area: 'documentation',
  load: () => Promise.resolve({ title: 'API', groups: groupsOf(routes) }),
})

function groupsOf(all: readonly Route[]) {
  const { paths } = openApiOf(all, packageVersion()) as { paths: Record<string, Record<string, Operation>> }
  const tags = [...new Set(all.map(({ tag }) => tag))].toSorted()
  return tags.map((tag) => ({
    tag,
    routes: all
      .filter((route) => route.tag === tag)
      .map(({ method, path, status }) => {
        const operation = paths[path.replace(/:(\w+)/g, '{$1}')]![method]!
        return {
          method,
          path,
          status,
          summary: operation.summary,
          access: operation.description ?? 'Public.',
          parameters: operation.parameters,
          body: shown(operation.requestBody),
          reply: shown(operation.responses[status]),
        }
      }),
  }))
}

/** The schema in it, as people read it. */
function shown(part: unknown): string | null {
  const content = (part as { content?: Record<string, { schema: unknown }> } | undefined)?.content
  const schema = content?.['application/json']?.schema
  return schema === undefined ? null : JSON.stringify(schema, null, 2)
}
