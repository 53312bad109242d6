import { answerInPane } from './answer-in-pane.ts'
import type { Pattern } from '../core/pattern.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import type { PatternVersion } from '../db/pattern/read.ts'
import type { TriedRule } from '../broker/interactions/new-rule.ts'
import type {
  DryRunJson,
  InteractionJson,
  PatternJson,
  PatternWithVersionsJson,
} from './schemas/interaction.ts'

/** An interaction in the words of the API. */
export function interactionJson(
  one: StoredInteraction,
  here: Parameters<typeof answerInPane>[1],
): InteractionJson {
  return {
    id: one.id,
    state: one.state,
    kind: one.kind,
    session: one.sessionName,
    session_key: one.sessionKey,
    node: one.node,
    agent: one.agent,
    cwd: one.cwd,
    prompt_id: one.promptId,
    tool: one.tool,
    tool_name: one.toolName,
    input: one.input,
    input_from: one.inputFrom,
    input_whole: one.inputWhole,
    unsure: one.unsure,
    question: one.question,
    options: one.options.map(({ label, meaning, ticked = null }) => ({ label, meaning, ticked })),
    answer_in_pane: answerInPane(one, here),
    screen: one.screen,
    screen_digest: one.screenDigest,
    input_digest: one.inputDigest,
    asked_at: one.askedAt,
    decision: one.decision,
    decided_by: one.decidedBy,
    decided_at: one.decidedAt,
    answer: one.answer,
    ended_at: one.endedAt,
    reason: one.reason,
    version: one.version,
  }
}

export function patternJson(pattern: Pattern): PatternJson {
  const { madeFrom, createdBy, createdAt, updatedAt, ...rest } = pattern
  return { ...rest, made_from: madeFrom, created_by: createdBy, created_at: createdAt, updated_at: updatedAt }
}

export function patternWithVersionsJson(
  pattern: Pattern,
  versions: PatternVersion[],
): PatternWithVersionsJson {
  const told = versions.map(({ createdBy, createdAt, ...rest }) => {
    return { ...rest, created_by: createdBy, created_at: createdAt }
  })
  return { ...patternJson(pattern), versions: told }
}

/** As many cases of a dry run as are told at once. */
const toldCases = 200

export function dryRunJson({ wouldAllow, wouldDeny, cases, ...rest }: TriedRule): DryRunJson {
  return { ...rest, would_allow: wouldAllow, would_deny: wouldDeny, cases: cases.slice(0, toldCases) }
}
