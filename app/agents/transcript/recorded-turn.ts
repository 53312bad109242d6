import type { EpochMs } from '../../core/clock.ts'
import type { Turn } from '../../core/turn.ts'

/** A turn as an agent's record tells it so far, with the text that began it. */
export interface RecordedTurn extends Turn {
  text: string
}

/** Reads the lines of one record in order and keeps the turns that they tell of. */
export interface TurnLog {
  readonly turns: RecordedTurn[]
  /** One complete line. A line that says nothing about turns, or can't be read, changes nothing. */
  addLine(line: string): void
}

/** Turns that one record keeps in memory; the oldest go first. */
const maxTurns = 300

/** What is known of a turn's end before there is one. */
export const noEnd: Omit<Turn, 'promptSeenAt' | 'sessionId'> = {
  endedAt: null,
  how: null,
  answer: null,
  tokensIn: null,
  tokensOut: null,
  costUsd: null,
  limitedUntil: null,
  error: null,
}

export function beginTurn(turns: RecordedTurn[], text: string, at: EpochMs, sessionId: string | null) {
  const turn: RecordedTurn = {
    text,
    promptSeenAt: at,
    sessionId,
    ...noEnd,
  }
  turns.push(turn)
  if (turns.length > maxTurns) turns.shift()
  return turn
}

/** The JSON object in a line; null for anything else. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
