import { z } from 'zod'
import { AppError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { nodeNamePattern, nodeNameRule } from '../core/node.ts'
import type { OpenSite } from '../core/site.ts'
import type { Web } from './web.ts'

/** The node of a request: this machine when it is not said. */
export const nodeName = z
  .string()
  .regex(nodeNamePattern, { error: `must be ${nodeNameRule}` })
  .optional()
  .describe('the machine that the dashboard runs on when absent')

/** Throws `not_found`. */
export function siteNamed(web: Web, node: string | undefined): OpenSite {
  const site = node === undefined ? web.sites.here : web.sites.find(node)
  if (site) return site
  const names = web.nodes.watch.nodes().map(({ name }) => name)
  throw new AppError('not_found', `There is no node "${node}". ${nearest(node ?? '', names)}`)
}

/** The dashboard with the tmux and the agents of this node in place of its own machine's. Throws `not_found`. */
export function atNode(web: Web, node: string | undefined): Web {
  return atSite(web, siteNamed(web, node))
}

/** The same for a session as people name it; `NODE/NAME` says the node as well. */
export function atSession(web: Web, session: string, node: string | undefined): Web {
  if (node !== undefined) return atNode(web, node)
  const slash = session.indexOf('/')
  // A session's own name may have a slash, too.
  const site = slash > 0 ? web.sites.find(session.slice(0, slash)) : undefined
  return atSite(web, site ?? web.sites.here)
}

function atSite(web: Web, { host, reader }: OpenSite): Web {
  return { ...web, host, reader }
}
