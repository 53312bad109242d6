import { z } from 'zod'
import { maxPriority, minPriority } from '../../core/queue.ts'
import {
  assigneePattern,
  linkKinds,
  linkRelations,
  severities,
  workKeyPattern,
  workKinds,
  workLimits,
  workStatuses,
} from '../../core/work.ts'
import { workOrders, type WorkFilter } from '../../db/work/read.ts'
import { cursorSchema, idSchema, limitSchema, severalOf } from './list.ts'
import { lineOf, metadataBody, proseOf, versionBody } from './project.ts'

/** In snake case, as everything in the API; `app/core/work.ts` says what they mean. */
export const workSchema = z.object({
  id: z.number(),
  key: z.string().describe('ARC-12'),
  kind: z.enum(workKinds),
  project_id: z.number(),
  milestone_id: z.number().nullable(),
  title: z.string(),
  description: z.string(),
  status: z.enum(workStatuses),
  priority: z.number(),
  severity: z.enum(severities).nullable(),
  assignee: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  prompt_id: z.number().nullable(),
  note: z.string().nullable(),
  version: z.number(),
  created_at: z.number(),
  created_by: z.string(),
  updated_at: z.number(),
  status_at: z.number(),
})

export const linkSchema = z.object({
  id: z.number(),
  item_id: z.number(),
  kind: z.enum(linkKinds),
  ref: z.string(),
  relation: z.enum(linkRelations),
  created_at: z.number(),
  created_by: z.string(),
})

export const commentSchema = z.object({
  id: z.number(),
  item_id: z.number(),
  at: z.number(),
  author: z.string(),
  body: z.string(),
})

/** Of an item in a path: its number among all work, or its key. */
export const workRefSchema = z
  .string()
  .regex(new RegExp(`^[1-9]\\d{0,14}$|${workKeyPattern.source}`), {
    error: 'must be a number, or a key as ARC-12',
  })
  .transform((ref) => (/^\d+$/.test(ref) ? Number(ref) : ref.toUpperCase()))

export const workParams = z.object({ id: workRefSchema })

/** What a form sends for nothing at all. */
const nothing = z.literal('').transform(() => null)

const words = {
  title: lineOf(workLimits.titleChars),
  description: proseOf(workLimits.descriptionChars),
  milestone_id: z.union([z.number().int().positive(), nothing]).nullable(),
  priority: z.number().int().min(minPriority).max(maxPriority),
  severity: z.union([z.enum(severities), nothing]).nullable(),
  assignee: z
    .union([z.string().regex(assigneePattern, { error: 'must be user:NAME or session:NAME' }), nothing])
    .nullable(),
  metadata: metadataBody,
}

export const newWorkBody = z.strictObject({
  project_id: z.number().int().positive(),
  title: words.title,
  description: words.description.default(''),
  milestone_id: words.milestone_id.default(null),
  priority: words.priority.default(0),
  severity: words.severity.optional().describe('of bugs; medium when absent'),
  assignee: words.assignee.default(null),
  metadata: words.metadata.default({}),
})

export const workChangesBody = z.strictObject({
  title: words.title.optional(),
  description: words.description.optional(),
  milestone_id: words.milestone_id.optional(),
  priority: words.priority.optional(),
  severity: words.severity.optional(),
  assignee: words.assignee.optional(),
  metadata: words.metadata.optional(),
  status: z.enum(workStatuses).optional(),
  version: versionBody,
})

export const workQuery = z.object({
  project_id: idSchema.optional(),
  milestone_id: idSchema.optional(),
  status: severalOf(workStatuses),
  severity: severalOf(severities),
  assignee: z.string().max(300).optional().describe('user:NAME or session:NAME'),
  q: z.string().max(200).optional().describe('words in title, description or key'),
  order: z.enum(workOrders).default('newest'),
  limit: limitSchema,
  cursor: cursorSchema,
})

export function workFilterOf(
  query: Omit<z.output<typeof workQuery>, 'limit' | 'cursor' | 'order'>,
): WorkFilter {
  const { project_id, milestone_id, status, severity, assignee, q } = query
  return {
    ...(project_id !== undefined && { projectId: project_id }),
    ...(milestone_id !== undefined && { milestoneId: milestone_id }),
    ...(status && { statuses: status }),
    ...(severity && { severities: severity }),
    ...(assignee !== undefined && { assignee }),
    ...(q !== undefined && { text: q }),
  }
}

export const newLinkBody = z
  .strictObject({
    kind: z.enum(linkKinds),
    ref: z.union([z.number().int().positive().transform(String), z.string().trim().max(100)]),
    relation: z.enum(['relates', 'blocks', 'duplicates', 'fixes']).default('relates'),
  })
  .superRefine(({ kind, ref, relation }, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (!refPatterns[kind].test(ref)) complain('ref', refRules[kind])
    if (relation === 'fixes' && kind !== 'error')
      complain('relation', 'only an error is resolved with an item')
  })

const number = /^[1-9]\d{0,14}$/
const refPatterns = {
  prompt: number,
  error: number,
  task: number,
  item: new RegExp(`${number.source}|${workKeyPattern.source}`),
  commit: /^[0-9a-fA-F]{7,64}$/,
}
const refRules = {
  prompt: 'must be the number of a prompt',
  error: 'must be the number of an error',
  task: 'must be the number of a task',
  item: 'must be the number or the key of an item: SHOP-12',
  commit: 'must be the name of a commit, 7 to 64 hexadecimal digits',
}

export const newCommentBody = z.strictObject({
  body: proseOf(workLimits.commentChars).refine((text) => text.trim() !== '', { error: 'must not be empty' }),
})
