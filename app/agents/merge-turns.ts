import type { Turn } from '../core/turn.ts'

/**
 * One turn from what hooks told and what the transcript shows; each alone is taken as it is. The transcript knows
 * tokens and interrupts, and its word on how a turn ended is final; hooks know the answer as it was given, and
 * speak first.
 */
export function mergeTurns(told: Turn | null, recorded: Turn | null): Turn | null {
  if (!told || !recorded) return told ?? recorded
  const isOver = recorded.endedAt !== null && recorded.how !== 'limited'
  const merged = {
    ...recorded,
    promptSeenAt: Math.min(told.promptSeenAt, recorded.promptSeenAt),
    limitedUntil: told.limitedUntil ?? recorded.limitedUntil,
  }
  if (told.endedAt === null) return merged
  const hasAnswer = told.answer !== null && (!isOver || recorded.how === 'completed')
  const answered = hasAnswer ? { answer: told.answer, answerBy: 'hook' as const } : {}
  if (isOver) return { ...merged, ...answered }
  return { ...merged, ...answered, endedAt: told.endedAt, how: told.how, error: told.error, endBy: 'hook' }
}
