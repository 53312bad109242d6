import { z } from 'zod'
import { hookMessageSchema, sessionSchema } from './shapes.ts'

/**
 * What a node tells by itself, in order; each is kept by the node until it was acknowledged. `all`: these are all
 * of its sessions, and others are gone.
 */
export const newsSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('sessions'),
    all: z.boolean(),
    changed: z.array(sessionSchema),
    gone: z.array(z.string()),
  }),
  z.object({ type: z.literal('hook'), message: hookMessageSchema }),
])
export type News = z.infer<typeof newsSchema>
