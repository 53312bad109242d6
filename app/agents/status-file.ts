import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { EpochMs } from '../core/clock.ts'
import type { AgentProcess } from './process.ts'

/** What Claude (≥ 2.1.139) writes about itself while it lives, within some 140 ms of every change. */
export interface ClaudeStatus {
  /** `idle`, `busy`, `waiting`, `shell`; later versions may have other words. */
  status: string
  /** What it waits for: `permission prompt`, `input needed`, `dialog open`. */
  waitingFor: string | null
  sessionId: string
  version: string | null
  updatedAt: EpochMs
}

export interface StatusReader {
  /**
   * The status of this very process; null for other agents, older versions, and for a file that a killed
   * process left behind. One `stat` when nothing has changed.
   */
  read(agent: AgentProcess): ClaudeStatus | null
}

export function createStatusReader(): StatusReader {
  const seen = new Map<string, { mark: string; status: ClaudeStatus | null }>()
  return {
    read(agent) {
      const file = statusFileOf(agent)
      const mark = file === null ? null : markOf(file)
      if (file === null || mark === null) return null
      const key = `${file} ${agent.startedAt}`
      const earlier = seen.get(key)
      if (earlier?.mark === mark) return earlier.status
      const status = readStatus(file, agent)
      // A half-written file is read again at the next look.
      if (status === undefined) return earlier?.status ?? null
      if (seen.size >= maxKept) seen.clear()
      seen.set(key, { mark, status })
      return status
    },
  }
}

/** Statuses that are kept; far more than one machine has agents. */
const maxKept = 2000

function statusFileOf({ kind, pid, home, claudeConfigDir }: AgentProcess): string | null {
  if (kind !== 'claude') return null
  const folder = claudeConfigDir ?? (home === null ? null : join(home, '.claude'))
  return folder === null ? null : join(folder, 'sessions', `${pid}.json`)
}

function markOf(file: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true })
  return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : null
}

const statusFile = z.looseObject({
  pid: z.number(),
  /** Clock ticks from /proc, as Claude writes them: a string. */
  procStart: z.union([z.string(), z.number()]).optional(),
  sessionId: z.string(),
  version: z.string().optional(),
  status: z.string(),
  waitingFor: z.string().nullish(),
  statusUpdatedAt: z.number().optional(),
  updatedAt: z.number().optional(),
})

/** undefined when the file is not whole JSON; null when it speaks of another process. */
function readStatus(file: string, agent: AgentProcess): ClaudeStatus | null | undefined {
  const value = readJson(file)
  if (value === undefined) return undefined
  const checked = statusFile.safeParse(value)
  if (!checked.success) return null
  const { pid, procStart, sessionId, version, status, waitingFor, statusUpdatedAt, updatedAt } = checked.data
  if (pid !== agent.pid || (procStart !== undefined && String(procStart) !== String(agent.startedAt))) {
    return null
  }
  const at = statusUpdatedAt ?? updatedAt ?? 0
  return { status, waitingFor: waitingFor ?? null, sessionId, version: version ?? null, updatedAt: at }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
