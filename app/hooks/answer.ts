import type { PermissionDecision } from '../core/hook.ts'

/**
 * A decision as Claude 2.1 and Codex 0.169 take it from their PermissionRequest hook: one line. Codex refuses
 * every further field.
 */
export function decisionLine(decision: PermissionDecision): string {
  const { behavior } = decision
  const answer = behavior === 'allow' ? { behavior } : { behavior, message: decision.message }
  return JSON.stringify({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: answer } })
}
