import { textOf, type Attempt } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import type { Prompt } from '../core/prompt.ts'

/** One attempt as the conversation that it was. */
export interface Thread {
  id: number
  number: number
  status: NonNullable<Attempt['outcome']> | 'running'
  phase: Attempt['phase']
  session: string
  agent: string
  startedAt: EpochMs
  finishedAt: EpochMs | null
  messages: Message[]
  tokensIn: number | null
  tokensOut: number | null
  costUsd: number | null
}

export interface Message {
  role: 'user' | 'system' | 'assistant'
  at: EpochMs | null
  content: string
}

/** The prompt, what was seen of it (each piece of evidence), and the answer. */
export function threadOf(prompt: Prompt, attempt: Attempt): Thread {
  const { id, number, outcome, phase, sessionName, agent, claimedAt, endedAt } = attempt
  const seen = attempt.evidence.map(({ at, says }): Message => ({ role: 'system', at, content: says }))
  const { answer, reason } = attempt
  return {
    id,
    number,
    status: outcome ?? 'running',
    phase,
    session: sessionName,
    agent,
    startedAt: claimedAt,
    finishedAt: endedAt,
    messages: [
      { role: 'user', at: attempt.submittedAt ?? attempt.typedAt, content: textOf(prompt, attempt) },
      ...seen,
      ...(answer === null ? [] : [{ role: 'assistant' as const, at: endedAt, content: answer }]),
      ...(reason === null ? [] : [{ role: 'system' as const, at: endedAt, content: reason }]),
    ],
    tokensIn: attempt.tokensIn,
    tokensOut: attempt.tokensOut,
    costUsd: attempt.costUsd,
  }
}
