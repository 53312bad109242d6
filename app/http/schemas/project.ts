import { z } from 'zod'
import { projectKeyPattern, projectKeyRule, projectLimits, projectStatuses } from '../../core/project.ts'

/** In snake case, as everything in the API; `app/core/project.ts` says what they mean. */
export const projectSchema = z.object({
  id: z.number(),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  root_path: z.string().nullable(),
  repository_url: z.string().nullable(),
  status: z.enum(projectStatuses),
  metadata: z.record(z.string(), z.unknown()),
  version: z.number(),
  created_at: z.number(),
  created_by: z.string(),
  updated_at: z.number(),
})

/** Of a project in a path or a query: its number or its key. */
export const projectRefSchema = z
  .string()
  .regex(/^(?:[1-9]\d{0,14}|[A-Za-z][A-Za-z0-9]{1,9})$/, { error: 'must be the number or key of a project' })
  .transform((ref) => (/^\d/.test(ref) ? Number(ref) : ref.toUpperCase()))

/** One line for people: something must stand there, and nothing that moves the line. */
export function lineOf(mostChars: number) {
  return z
    .string()
    .max(mostChars)
    .transform((text) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim())
    .refine((text) => text !== '', { error: 'must not be empty' })
}

/** Markdown of people: PostgreSQL takes no NUL, and half characters are none. */
export function proseOf(mostChars: number) {
  return z
    .string()
    .max(mostChars)
    .transform((text) => text.replaceAll('\0', '').replace(/\r\n?/g, '\n').toWellFormed())
}

export const metadataBody = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= projectLimits.metadataChars, {
    error: `must be at most ${projectLimits.metadataChars} characters of JSON`,
  })
  .refine((value) => !JSON.stringify(value).includes('\\u0000'), { error: 'must hold no NUL' })

const words = {
  description: proseOf(projectLimits.descriptionChars),
  root_path: z
    .string()
    .min(1)
    .max(projectLimits.pathChars)
    .nullable()
    .describe('its folder on this machine; stored as the real path'),
  repository_url: z
    .string()
    .max(projectLimits.urlChars)
    .regex(/^(?:https?|ssh|git):\/\/[^\s]+$|^[^\s:/@]+@[^\s:/]+:[^\s]+$/, {
      error: 'must be https://…, ssh://… or git@host:path',
    })
    .refine((url) => !/^\w+:\/\/[^/@]*:[^/@]*@/.test(url), { error: 'must hold no password' })
    .nullable(),
  metadata: metadataBody,
}

export const newProjectBody = z.strictObject({
  name: lineOf(projectLimits.nameChars),
  key: z
    .string()
    .regex(projectKeyPattern, { error: `must be ${projectKeyRule}` })
    .optional()
    .describe('the ids of its work begin with it; without one it is made from the name'),
  description: words.description.default(''),
  root_path: words.root_path.default(null),
  repository_url: words.repository_url.default(null),
  metadata: words.metadata.default({}),
})

/** What an edit expects to find; 409 with the present state when it is another. */
export const versionBody = z.number().int().positive().optional().describe('that this is a change of')

export const projectChangesBody = z.strictObject({
  name: newProjectBody.shape.name.optional(),
  description: words.description.optional(),
  root_path: words.root_path.optional(),
  repository_url: words.repository_url.optional(),
  metadata: words.metadata.optional(),
  status: z.enum(projectStatuses).optional(),
  version: versionBody,
})
