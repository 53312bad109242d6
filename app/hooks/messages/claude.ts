import { z } from 'zod'
import { event, toolInput, type EventReader } from './fields.ts'

/** Claude Code 2.1. */
export const claudeEvents: Record<string, EventReader> = {
  UserPromptSubmit: event(z.looseObject({ prompt: z.string() }), ({ prompt }) => ({
    type: 'prompt_received',
    text: prompt,
  })),
  Stop: event(z.looseObject({ last_assistant_message: z.string().nullish() }), (body) => ({
    type: 'turn_ended',
    answer: body.last_assistant_message ?? null,
  })),
  StopFailure: event(
    z.looseObject({ error: z.string(), last_assistant_message: z.string().nullish() }),
    ({ error, last_assistant_message: says }) => ({ type: 'turn_failed', error, says: says ?? null }),
  ),
  PermissionRequest: event(
    z.looseObject({
      tool_name: z.string(),
      tool_input: toolInput,
      permission_suggestions: z.array(z.unknown()).catch([]),
    }),
    ({ tool_name: tool, tool_input: input, permission_suggestions: suggestions }) =>
      // Its question to a person comes as a request to use a tool of that name.
      tool === 'AskUserQuestion'
        ? { type: 'question_asked', input }
        : { type: 'permission_asked', tool, input, suggestions, decidable: true },
  ),
  Notification: event(
    z.looseObject({ message: z.string(), notification_type: z.string().nullish() }),
    ({ message: says, notification_type: kind }) => ({ type: 'notification', kind: kind ?? null, says }),
  ),
  SessionStart: event(z.looseObject({ source: z.string().nullish() }), ({ source }) => ({
    type: 'session_started',
    source: source ?? null,
  })),
  SessionEnd: event(z.looseObject({ reason: z.string().nullish() }), ({ reason }) => ({
    type: 'session_ended',
    reason: reason ?? null,
  })),
  PreCompact: event(z.looseObject({ trigger: z.string().nullish() }), ({ trigger }) => ({
    type: 'compacting',
    trigger: trigger ?? null,
  })),
}
