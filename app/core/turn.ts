import type { EpochMs } from './clock.ts'

export type TurnEnd = 'completed' | 'interrupted' | 'error' | 'limited'

/** What an agent's own record (transcript, rollout, hook) says about the turn that one prompt began. */
export interface Turn {
  /** When the record shows that the agent got the prompt. */
  promptSeenAt: EpochMs
  /** null while the turn runs. */
  endedAt: EpochMs | null
  how: TurnEnd | null
  answer: string | null
  tokensIn: number | null
  tokensOut: number | null
  costUsd: number | null
  limitedUntil: EpochMs | null
  /** The agent's own id of the conversation. */
  sessionId: string | null
  error: string | null
  /** Who told of its end; absent: the agent's transcript. */
  endBy?: 'hook'
  /** Who told the answer; absent: the agent's transcript. */
  answerBy?: 'hook'
}
