import { z } from 'zod'
import { claudeEvents } from './claude.ts'
import { event, type EventReader } from './fields.ts'

/** What Gemini says in place of an answer when a request failed or the model said nothing. */
const noAnswer = '[no response text]'

/**
 * Gemini CLI 0.61. Its only word of a dialog is a notification, which takes no decision; a decision of its
 * BeforeTool hook can forbid a tool but not allow it, and comes for every tool, so that it is not used.
 */
export const geminiEvents: Record<string, EventReader> = {
  BeforeAgent: event(z.looseObject({ prompt: z.string() }), ({ prompt }) => ({
    type: 'prompt_received',
    text: prompt,
  })),
  AfterAgent: event(z.looseObject({ prompt_response: z.string().nullish() }), (body) => {
    const answer = body.prompt_response?.trimEnd() ?? ''
    return { type: 'turn_ended', answer: answer === '' || answer === noAnswer ? null : answer }
  }),
  Notification: event(
    z.looseObject({
      message: z.string(),
      notification_type: z.string().nullish(),
      details: z.looseObject({ type: z.string() }).nullish().catch(null),
    }),
    ({ message: says, notification_type: kind, details }) => {
      if (kind !== 'ToolPermission' || !details) return { type: 'notification', kind: kind ?? null, says }
      if (details.type === 'ask_user') return { type: 'question_asked', input: details }
      return {
        type: 'permission_asked',
        tool: details.type,
        input: details,
        suggestions: [],
        decidable: false,
      }
    },
  ),
  SessionStart: claudeEvents['SessionStart']!,
  SessionEnd: claudeEvents['SessionEnd']!,
}
