import { z } from 'zod'
import { todoMarkers } from './found-work.ts'

/**
 * A plan that follows from what stands in a project's files, in the shape of `data/milestones/*.json`. Its words
 * are those of the file; the schema is published as JSON schema.
 */
export const planPhases = ['repair', 'finish', 'build', 'tidy'] as const
export type PlanPhaseId = (typeof planPhases)[number]

const progress = z
  .object({ done: z.int().min(0), total: z.int().min(0) })
  .describe('points that are ticked, of all')

const place = z.object({
  file: z.string().describe('relative to the root of the project'),
  line: z.int().min(1),
})

const planItemSchema = place.extend({
  text: z.string(),
  marker: z.enum(todoMarkers).nullable().describe('null: a point of a list'),
  done: z.boolean(),
})
export type PlanItem = z.infer<typeof planItemSchema>

const planTaskSchema = place.extend({
  key: z
    .string()
    .describe('the same as long as its file and words are the same, wherever it stands in the file'),
  title: z.string(),
  priority: z.int().min(0).max(10),
  progress,
  items: z.array(planItemSchema),
})
export type PlanTask = z.infer<typeof planTaskSchema>

const planPhaseSchema = z.object({
  id: z.enum(planPhases),
  title: z.string(),
  rule: z.string().describe('what is in this phase, and in which order'),
  progress,
  tasks: z.array(planTaskSchema),
})
export type PlanPhase = z.infer<typeof planPhaseSchema>

export const milestonePlanSchema = z.object({
  schema_version: z.literal(1),
  project: z.string(),
  project_id: z.int().nullable().describe('null: not a project of Architect'),
  root: z.string(),
  generated_at: z.iso.datetime(),
  scanned: z.object({
    files: z.int(),
    read: z.int(),
    bytes: z.int(),
    binary: z.int(),
    huge: z.int(),
    special: z.int(),
    unreadable: z.int(),
    dropped: z.int(),
  }),
  unread: z.array(z.object({ path: z.string(), reason: z.string() })),
  plan_files: z.array(z.string()),
  progress,
  phases: z.array(planPhaseSchema),
})
export type MilestonePlan = z.infer<typeof milestonePlanSchema>
