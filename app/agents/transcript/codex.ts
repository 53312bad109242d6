import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs } from '../../core/clock.ts'
import { ProcessTable } from '../process-table.ts'
import type { AgentProcess } from '../process.ts'
import { filesIn, wasWritten } from './claude.ts'

/** Rollouts that this very process holds open; Codex keeps its file open as long as the conversation lives. */
export function openRollouts(agent: AgentProcess, table: ProcessTable): string[] {
  return withChildren(agent.pid, table).flatMap((pid) =>
    filesIn(`/proc/${pid}/fd`)
      .map((descriptor) => table.openFile(pid, descriptor) ?? '')
      .filter((file) => /\/rollout-[^/]*\.jsonl$/.test(file)),
  )
}

/** Rollouts of the process' folder that were begun on the days around `since` and written to after it. */
export function rolloutsByFolder(agent: AgentProcess, since: EpochMs, now: EpochMs): string[] {
  const home = agent.codexHome ?? (agent.home === null ? null : join(agent.home, '.codex'))
  if (home === null || agent.cwd === null) return []
  return daysBetween(since - dayMs, now + dayMs)
    .map((day) => join(home, 'sessions', day))
    .flatMap((folder) => filesIn(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.jsonl') && wasWritten(file, since) && folderOf(file) === agent.cwd)
}

const dayMs = 86_400_000

/** The agent and what it started: the npm shim runs the real program as its child. */
function withChildren(pid: number, table: ProcessTable): number[] {
  return [pid, ...table.children(pid).slice(0, maxChildren)]
}

const maxChildren = 20

/** Folder names as Codex makes them, `2026/11/21`. */
function daysBetween(from: EpochMs, to: EpochMs): string[] {
  const days: string[] = []
  for (let at = from; at <= to && days.length < maxDays; at += dayMs) {
    days.push(new Date(at).toISOString().slice(0, 10).replaceAll('-', '/'))
  }
  return days
}

const maxDays = 60

/** The working folder that the rollout's first line names. */
function folderOf(file: string): string | null {
  const descriptor = openSync(file, 'r')
  try {
    const head = Buffer.alloc(4096)
    const count = readSync(descriptor, head, 0, head.length, 0)
    const cwd = /"cwd":("(?:[^"\\]|\\.)*")/.exec(head.toString('utf8', 0, count))?.[1]
    return cwd === undefined ? null : (JSON.parse(cwd) as string)
  } finally {
    closeSync(descriptor)
  }
}
