import type { EpochMs } from '../../core/clock.ts'
import type { AgentKind } from '../../core/session.ts'
import type { Turn } from '../../core/turn.ts'
import type { AgentProcess } from '../process.ts'
import type { ClaudeStatus } from '../status-file.ts'

/** A question about one agent's own record. */
export interface TurnQuestion {
  process: AgentProcess
  statusFile: ClaudeStatus | null
  /** The prompt as it was sent. */
  text: string
  /** Only what the record tells of this time or later. */
  since: EpochMs
}

/** Reads the record that agents of one kind keep. */
export interface TranscriptReader {
  findTurn(question: TurnQuestion): Promise<Turn | null>
}

export interface Transcripts {
  /** Agents of this kind keep a record that can be read, and this one's can be found. */
  has(agent: AgentProcess): boolean
  findTurn(
    agent: AgentProcess,
    status: ClaudeStatus | null,
    text: string,
    since: EpochMs,
  ): Promise<Turn | null>
}

export function createTranscripts(
  readers: ReadonlyMap<AgentKind, TranscriptReader> = new Map(),
): Transcripts {
  return {
    has: ({ kind, home }) => readers.has(kind) && home !== null,
    findTurn: async (process, statusFile, text, since) =>
      (await readers.get(process.kind)?.findTurn({ process, statusFile, text, since })) ?? null,
  }
}
