import { z } from 'zod'
import { milestoneStatuses } from '../../core/milestone.ts'
import { projectLimits } from '../../core/project.ts'
import { workStatuses } from '../../core/work.ts'
import { lineOf, proseOf, versionBody } from './project.ts'

export const progressSchema = z.object({
  total: z.number().describe('without what was closed'),
  done: z.number(),
  percent: z.number(),
  counts: z.partialRecord(z.enum(workStatuses), z.number()),
})

/** In snake case, as everything in the API; `app/core/milestone.ts` says what they mean. */
export const milestoneSchema = z.object({
  id: z.number(),
  project_id: z.number(),
  name: z.string(),
  description: z.string(),
  status: z.enum(milestoneStatuses),
  target_date: z.string().nullable(),
  version: z.number(),
  created_at: z.number(),
  created_by: z.string(),
  updated_at: z.number(),
  completed_at: z.number().nullable(),
})

const words = {
  name: lineOf(projectLimits.nameChars),
  description: proseOf(projectLimits.descriptionChars),
  /** A form that is left empty says ''. */
  target_date: z
    .union([z.iso.date({ error: 'must be a day as 2026-12-31' }), z.literal('').transform(() => null)])
    .nullable(),
}

export const newMilestoneBody = z.strictObject({
  project_id: z.number().int().positive(),
  name: words.name,
  description: words.description.default(''),
  target_date: words.target_date.default(null),
})

export const milestoneChangesBody = z.strictObject({
  name: words.name.optional(),
  description: words.description.optional(),
  target_date: words.target_date.optional(),
  status: z.enum(milestoneStatuses).optional(),
  version: versionBody,
})
