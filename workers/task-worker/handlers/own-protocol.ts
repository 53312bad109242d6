import { z } from 'zod'

/*
 * What a worker and the process of a handler of somebody's own say to each other: one question on its standard
 * input, one answer as a message.
 */

export const askSchema = z.object({
  do: z.enum(['describe', 'run']),
  file: z.string(),
  data: z.unknown().optional(),
})
export interface OwnAsk {
  do: 'describe' | 'run'
  file: string
  data?: unknown
}

export const describedSchema = z.object({
  type: z.string(),
  about: z.string().max(1_000).default(''),
  schema: z.record(z.string(), z.unknown()).nullable(),
  timeoutSeconds: z.number().positive().optional(),
  maxRetries: z.number().int().min(0).max(20).optional(),
})

export const replySchema = z.union([
  z.object({ described: z.unknown() }),
  z.object({ failed: z.string(), retry: z.boolean().optional() }),
  z.object({ result: z.unknown() }),
])
export type OwnReply = z.infer<typeof replySchema>
