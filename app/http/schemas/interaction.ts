import { z } from 'zod'
import { interactionKinds, interactionStates, optionMeanings } from '../../core/interaction.ts'
import { conditionsSchema, effects, patternStates } from '../../core/pattern.ts'

const moment = z.number().describe('ms since 1970')

const decidedBySchema = z
  .object({ kind: z.enum(['person', 'session', 'pattern', 'policy', 'shipped']) })
  .loose()
  .describe('with name, node and name, id and version, or tier, by its kind')

export const interactionSchema = z.object({
  id: z.number(),
  state: z.enum(interactionStates),
  kind: z.enum(interactionKinds),
  session: z.string(),
  session_key: z.string(),
  node: z.string(),
  agent: z.string(),
  cwd: z.string(),
  prompt_id: z.number().nullable(),
  tool: z.string(),
  tool_name: z.string(),
  input: z
    .object({
      command: z.string().optional(),
      paths: z.array(z.string()).optional(),
      url: z.string().optional(),
      text: z.string().optional(),
      raw: z.unknown().optional(),
    })
    .describe('what the tool would get'),
  input_from: z.enum(['hook', 'screen']),
  input_whole: z.boolean().describe('false: no rule decides it'),
  unsure: z.string().nullable().describe('why the input could not be read with certainty'),
  question: z.string(),
  options: z.array(
    z.object({
      label: z.string(),
      meaning: z.enum(optionMeanings),
      ticked: z
        .boolean()
        .nullable()
        .describe('of one with a box, of which several make one answer; null: it has none'),
    }),
  ),
  answer_in_pane: z
    .string()
    .nullable()
    .describe('why it can only be answered in its pane, and how to get there'),
  screen: z.string().nullable().describe('the dialog as it was drawn'),
  screen_digest: z.string().nullable(),
  input_digest: z.string(),
  asked_at: moment,
  decision: z
    .object({
      effect: z.enum(effects),
      by: decidedBySchema,
      also: z.array(decidedBySchema),
      reason: z.string(),
    })
    .nullable(),
  decided_by: decidedBySchema.nullable(),
  decided_at: moment.nullable(),
  answer: z
    .object({
      meaning: z.enum(optionMeanings),
      option: z.number().nullable().describe('from 0'),
      text: z.string().nullable(),
      boxes: z.array(z.number()).optional().describe('those that were to be ticked, from 0'),
    })
    .nullable(),
  ended_at: moment.nullable(),
  reason: z.string().nullable(),
  version: z.number(),
})
export type InteractionJson = z.infer<typeof interactionSchema>

export const patternSchema = z.object({
  id: z.number(),
  version: z.number(),
  state: z.enum(patternStates),
  name: z.string(),
  effect: z.enum(effects),
  conditions: conditionsSchema,
  note: z.string(),
  made_from: z.number().nullable(),
  created_by: z.string(),
  created_at: moment,
  updated_at: moment,
})
export type PatternJson = z.infer<typeof patternSchema>

/** A rule with every version that there ever was, the newest first. */
export const patternWithVersionsSchema = patternSchema.extend({
  versions: z.array(
    z.object({
      version: z.number(),
      name: z.string(),
      effect: z.enum(effects),
      conditions: conditionsSchema,
      created_by: z.string(),
      created_at: moment,
    }),
  ),
})
export type PatternWithVersionsJson = z.infer<typeof patternWithVersionsSchema>

export const dryRunSchema = z.object({
  says: z.string(),
  looked: z.number(),
  would_allow: z.number(),
  would_deny: z.number(),
  concerns: z.number().describe('of those allowed, how many a shipped rule warns about'),
  contradictions: z.number().describe('how many a person had answered otherwise'),
  cases: z.array(
    z.object({
      id: z.number(),
      before: z.enum(effects),
      after: z.enum(effects),
      reason: z.string(),
      concern: z.string().nullable(),
      contradicts: z.boolean(),
    }),
  ),
})
export type DryRunJson = z.infer<typeof dryRunSchema>
