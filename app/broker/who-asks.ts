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
