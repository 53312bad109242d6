import { claudeEvents } from './claude.ts'
import type { EventReader } from './fields.ts'

/** Codex 0.169 took over the shape of Claude's hooks; it has no event for a failed turn or a session's end. */
export const codexEvents: Record<string, EventReader> = Object.fromEntries(
  ['UserPromptSubmit', 'Stop', 'PermissionRequest', 'SessionStart', 'PreCompact'].map((name) => [
    name,
    claudeEvents[name]!,
  ]),
)
