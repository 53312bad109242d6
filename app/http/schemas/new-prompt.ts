import { z } from 'zod'
import { kindPattern, promptContexts, type NewPrompt, type Target } from '../../core/prompt.ts'
import { maxPriority, minPriority } from '../../core/queue.ts'

/** Text that is no prompt any more, before it is normalised; the broker says the exact limit. */
const content = z.string().max(4_194_304)
const name = z.string().min(1).max(500)

/** Who may get it; nothing at all means anyone idle. `null` is as good as nothing: programs send it. */
const targetFields = {
  target_session: name.nullish().describe('NAME, NAME:WINDOW.PANE or %7, each also as NODE/…'),
  target_agent: name.nullish().describe('agent kind: claude, codex, gemini, opencode, …'),
  target_tier: z.enum(['high_level', 'manager', 'worker']).nullish(),
  target_tag: name.nullish(),
  target_dir: z
    .string()
    .startsWith('/')
    .max(4_096)
    .nullish()
    .describe('sessions that work inside this folder'),
  target_node: name.nullish(),
  target_manager: name.nullish().describe('NODE/NAME: only the sessions that this manager leads'),
}

const optionFields = {
  priority: z.number().int().min(minPriority).max(maxPriority).nullish(),
  timeout_minutes: z.number().nullish().describe('per turn; 30 when absent'),
  max_retries: z.number().int().min(0).max(100).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish().describe('kept with the prompt'),
  context: z.enum(promptContexts).nullish(),
  agent_command: z.boolean().nullish().describe('the text is a command of the agent: /compact'),
  repeatable: z.boolean().nullish().describe('its work may be done twice'),
  expires_at: z.number().int().nullish().describe('epoch ms'),
}

/** Unknown keys are refused: a mistyped `target` would let anyone take the prompt. */
export const newPromptSchema = z.strictObject({
  content,
  ...targetFields,
  ...optionFields,
  staged: z.boolean().nullish().describe('waits for approval'),
  not_before: z.number().int().nullish().describe('epoch ms'),
  after: z.array(z.number().int().positive()).max(100).nullish().describe('waits for these prompts'),
  follow_up_of: z.number().int().positive().nullish(),
  kind: z
    .string()
    .regex(kindPattern)
    .nullish()
    .describe('code, test, research, review, docs, …; decides where it goes'),
  parent: z.number().int().positive().nullish().describe('the prompt that this is a part of'),
  force: z.boolean().nullish().describe('past the rules of the hierarchy'),
  idempotency_key: z.string().min(1).max(200).nullish().describe('a second prompt with it is the first one'),
})
export type NewPromptBody = z.output<typeof newPromptSchema>

export const editPromptSchema = z.strictObject({
  content: content.optional(),
  ...targetFields,
  ...optionFields,
  version: z.number().int().optional().describe('refused with 409 when somebody changed it since'),
})

type TargetBody = { [Field in keyof typeof targetFields]?: z.output<(typeof targetFields)[Field]> }

/** Only what is given; a session's name is checked elsewhere. */
export function targetOf(body: TargetBody): Target {
  const { target_session, target_agent, target_tier, target_tag, target_dir, target_node, target_manager } =
    body
  return given({
    session: target_session,
    agent: target_agent,
    tier: target_tier,
    tag: target_tag,
    dir: target_dir,
    node: target_node,
    manager: target_manager,
  })
}

/** Whether an edit says anything about the target; then it replaces the whole of it. */
export function namesTarget(body: TargetBody): boolean {
  return Object.keys(targetFields).some((field) => field in body)
}

export function newPromptOf(body: NewPromptBody): NewPrompt {
  return {
    content: body.content,
    target: targetOf(body),
    ...optionsOf(body),
    ...given({
      staged: body.staged,
      notBefore: body.not_before,
      after: body.after,
      followUpOf: body.follow_up_of,
      kind: body.kind,
      parent: body.parent,
      force: body.force,
      idempotencyKey: body.idempotency_key,
    }),
  }
}

type OptionBody = { [Field in keyof typeof optionFields]?: z.output<(typeof optionFields)[Field]> }

export function optionsOf(body: OptionBody) {
  return given({
    priority: body.priority,
    timeoutMinutes: body.timeout_minutes,
    maxRetries: body.max_retries,
    metadata: body.metadata,
    context: body.context,
    agentCommand: body.agent_command,
    repeatable: body.repeatable,
    expiresAt: body.expires_at,
  })
}

type Given<T> = { [Key in keyof T]?: NonNullable<T[Key]> }

function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as Given<T>
}
