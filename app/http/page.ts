import type { z } from 'zod'
import type { Access, Call } from './route.ts'

/** What a panel shows becomes stale with events of these nouns; `screens` is what stands in panes. */
export type PanelTopic =
  | 'prompts'
  | 'sessions'
  | 'queue'
  | 'processes'
  | 'accounts'
  | 'nodes'
  | 'errors'
  | 'work'
  | 'secrets'
  | 'tasks'
  | 'screens'

/** The entries of the rail. */
export type Area =
  | 'overview'
  | 'needs-you'
  | 'queue'
  | 'sessions'
  | 'nodes'
  | 'work'
  | 'errors'
  | 'vault'
  | 'activity'
  | 'documentation'
  | 'settings'
  | 'none'

/** Pages are for people. */
type PageAccess = Exclude<Access, 'session' | 'node'>

/**
 * One page, declared once. Its body is the panel `views/panels/NAME.njk`, which is also served alone under
 * `/panels` + path, so that a browser can fetch it again when one of its topics has news.
 */
export interface Page {
  /** As Express reads it: `/prompts/:id`. */
  path: string
  name: string
  area: Area
  access: PageAccess
  topics: readonly PanelTopic[]
  params: z.ZodType | null
  query: z.ZodType | null
  /** What the panel's template gets, and the page's title. */
  load: (call: Call<unknown, unknown, null>) => Promise<PanelData>
}

export type PanelData = { title: string } & Record<string, unknown>

interface Declaration<Params, Query> {
  path: string
  name: string
  area: Area
  access?: PageAccess
  topics?: readonly PanelTopic[]
  params?: z.ZodType<Params>
  query?: z.ZodType<Query>
  load: (call: Call<Params, Query, null>) => Promise<PanelData>
}

const everyViewer: PageAccess = { role: 'viewer', scope: 'read' }

/** Types what `load` gets by the schemas beside it. */
export function definePage<Params = null, Query = null>(declaration: Declaration<Params, Query>): Page {
  const { access = everyViewer, topics = [], params = null, query = null, load, ...rest } = declaration
  return { ...rest, access, topics, params, query, load: load as Page['load'] }
}

/** Where a page's panel is served alone. */
export function panelPath(path: string): string {
  return path === '/' ? '/panels/overview' : `/panels${path}`
}
