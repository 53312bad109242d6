import type { ProcessEntry, ProcessTable } from '../agents/process-table.ts'

/** More processes than stand between a pane and what its agent started. */
const mostAncestors = 64

/** A process and those above it, the nearest first: proof that no environment can change. */
export function ancestors(start: number, processes: ProcessTable): ProcessEntry[] {
  const found: ProcessEntry[] = []
  for (let pid = start; pid > 1 && found.length < mostAncestors;) {
    const entry = processes.entry(pid)
    if (!entry) break
    found.push(entry)
    pid = entry.parent
  }
  return found
}
