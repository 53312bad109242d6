import type { EpochMs } from '../../core/clock.ts'
import type { Turn } from '../../core/turn.ts'
import { ProcessTable } from '../process-table.ts'
import type { AgentProcess } from '../process.ts'
import { sameArrivedText } from './arrived.ts'
import { claudeTurnLog } from './claude-log.ts'
import { claudeTranscripts } from './claude.ts'
import { codexTurnLog } from './codex-log.ts'
import { openRollouts, rolloutsByFolder } from './codex.ts'
import { geminiTurnLog } from './gemini-log.ts'
import { geminiChats } from './gemini.ts'
import { opencodeTurns } from './opencode.ts'
import { createTurnReader } from './read-turns.ts'
import type { RecordedTurn } from './recorded-turn.ts'

interface TurnQuestion {
  agent: AgentProcess
  /** The conversation that the agent's status file names, where it has one. */
  sessionId: string | null
  text: string
  /** Prompts that were recorded before are not ours, however equal. */
  since: EpochMs
}

export interface Transcripts {
  /** Whether agents of this kind keep a record that is understood here. */
  has(kind: string): boolean
  /** Whether that record says when a turn ended; Gemini's tells the answer and no end. */
  tellsEnds(kind: string): boolean
  /** The turn that the first prompt equal to `text` since then began; null when the records show none. */
  findTurn(question: TurnQuestion): Turn | null
}

const kinds = ['claude', 'codex', 'gemini', 'opencode'] as const

/** Reads the agents' own records, each line once, as long as this object lives. */
export function createTranscripts(table = new ProcessTable(), now: () => number = Date.now): Transcripts {
  const readers = {
    claude: createTurnReader(claudeTurnLog),
    codex: createTurnReader(codexTurnLog),
    gemini: createTurnReader(geminiTurnLog),
  }
  const owners = createOwners(table)
  const candidates = {
    claude: ({ agent, sessionId, since }: TurnQuestion) => {
      const files = claudeTranscripts(agent, sessionId, since)
      if (sessionId === null) return files.filter((file) => !owners.isOthers(file, agent))
      for (const file of files) if (file.endsWith(`/${sessionId}.jsonl`)) owners.claim(file, agent)
      return files.filter((file) => owners.isOwn(file, agent))
    },
    codex: ({ agent, since }: TurnQuestion) => {
      for (const file of openRollouts(agent, table)) owners.claim(file, agent)
      const own = owners.filesOf(agent)
      if (own.length > 0) return own
      return rolloutsByFolder(agent, since, now()).filter((file) => !owners.isOthers(file, agent))
    },
    gemini: ({ agent, since }: TurnQuestion) =>
      geminiChats(agent, since).filter((file) => !owners.isOthers(file, agent)),
  }
  const recordsOf = (kind: (typeof kinds)[number], question: TurnQuestion): [string, RecordedTurn[]][] => {
    const { agent, since } = question
    if (kind !== 'opencode') {
      return candidates[kind](question).map((file) => [file, readers[kind].turnsOf(file, since)])
    }
    const turns = opencodeTurns(agent, since).map((turn): [string, RecordedTurn[]] => [
      `opencode ${turn.sessionId}`,
      [turn],
    ])
    return turns.filter(([record]) => !owners.isOthers(record, agent))
  }
  return {
    has: (kind) => kinds.some((each) => each === kind),
    tellsEnds: (kind) => kind !== 'gemini' && (kinds as readonly string[]).includes(kind),
    findTurn(question) {
      const { agent, text, since } = question
      const kind = kinds.find((each) => each === agent.kind)
      if (!kind) return null
      for (const [record, turns] of recordsOf(kind, question)) {
        const found = turns.find((turn) => turn.promptSeenAt >= since && sameArrivedText(text, turn.text))
        if (!found) continue
        owners.claim(record, agent)
        const { text: _text, ...turn } = found
        return turn
      }
      return null
    },
  }
}

/**
 * Which process writes which record. Two agents in one folder can get the same words ("go on"): the other's
 * record must not prove our delivery.
 */
function createOwners(table: ProcessTable) {
  const owners = new Map<string, { pid: number; startedAt: number }>()
  const isSame = (owner: { pid: number; startedAt: number } | undefined, agent: AgentProcess) =>
    owner?.pid === agent.pid && owner.startedAt === agent.startedAt
  return {
    claim(file: string, { pid, startedAt }: AgentProcess) {
      owners.delete(file)
      owners.set(file, { pid, startedAt })
      const oldest = owners.keys().next().value
      if (owners.size > maxOwned && oldest !== undefined) owners.delete(oldest)
    },
    isOwn: (file: string, agent: AgentProcess) => isSame(owners.get(file), agent),
    /** A record outlives its process: one of the dead may be taken up by the next. */
    isOthers(file: string, agent: AgentProcess) {
      const owner = owners.get(file)
      if (!owner || isSame(owner, agent)) return false
      return table.entry(owner.pid)?.startedAt === owner.startedAt
    },
    filesOf: (agent: AgentProcess) =>
      [...owners].filter(([, owner]) => isSame(owner, agent)).map(([file]) => file),
  }
}

const maxOwned = 1000
