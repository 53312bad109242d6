import type { LiveSession } from '../core/fleet.ts'
import { nodeOf } from '../core/host.ts'
import type { WaitingTarget } from '../db/waiting-targets.ts'

/** Somebody who could take a prompt, and everything by which one may be meant for it. */
export interface Candidate {
  routes: readonly string[]
}

/**
 * Who of them asks for a prompt: in their order, and as many for each target as wait there. Among thousands of idle
 * sessions these are the few for which there is something.
 */
export function whoAsks<Who extends Candidate>(
  candidates: readonly Who[],
  waiting: readonly WaitingTarget[],
): Who[] {
  const left = new Map<string, { routes: string[]; count: number }[]>()
  for (const { routes, count } of waiting) {
    const route = routes[0]!
    left.set(route, [...(left.get(route) ?? []), { routes, count }])
  }
  return candidates.filter(({ routes }) => {
    const fitting = routes
      .flatMap((route) => left.get(route) ?? [])
      .find((target) => target.count > 0 && target.routes.every((route) => routes.includes(route)))
    if (fitting) fitting.count -= 1
    return fitting !== undefined
  })
}

/**
 * Tells quickly whom something that waits may be meant for, so that the rest of thousands of sessions costs nothing
 * more; lets through more than really fit.
 */
export function looksWanted(waiting: readonly WaitingTarget[]): (session: LiveSession) => boolean {
  const names = new Set<string>()
  const nodes = new Set<string>()
  let anyone = false
  for (const { routes } of waiting) {
    const [route = ''] = routes
    const name = /^session:(?:[^/]*\/)?(.*)$/s.exec(route)?.[1]
    const node = routes.find((each) => each.startsWith('node:'))
    if (name !== undefined) names.add(name).add(route.slice('session:'.length))
    else if (node !== undefined) nodes.add(node.slice('node:'.length))
    else anyone = true
  }
  return ({ key, pane }) =>
    anyone ||
    (nodes.size > 0 && nodes.has(nodeOf(key))) ||
    (names.size > 0 && (names.has(pane.sessionName) || names.has(pane.address) || names.has(pane.paneId)))
}
