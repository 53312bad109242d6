import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs } from '../../core/clock.ts'
import type { AgentProcess } from '../process.ts'

/**
 * Transcripts of Claude Code in the folder that this process works in, written to since then; that of
 * `sessionId`, where the status file names one, first. `/clear` begins a new file, so that all are candidates.
 */
export function claudeTranscripts(agent: AgentProcess, sessionId: string | null, since: EpochMs): string[] {
  const config = agent.claudeConfigDir ?? (agent.home === null ? null : join(agent.home, '.claude'))
  if (config === null || agent.cwd === null) return []
  const folder = join(config, 'projects', projectFolder(agent.cwd))
  const own = `${sessionId}.jsonl`
  return filesIn(folder)
    .filter((name) => name.endsWith('.jsonl') && !name.startsWith('agent-'))
    .sort((a, b) => Number(b === own) - Number(a === own))
    .map((name) => join(folder, name))
    .filter((file) => wasWritten(file, since))
}

/** Claude's name for a project: everything but letters and digits becomes a dash. */
export function projectFolder(cwd: string): string {
  return cwd.replace(/[^A-Za-z0-9]/g, '-')
}

export function wasWritten(file: string, since: EpochMs): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since
}

/** Names in a folder; none when there is no such folder (yet). */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
