import { z } from 'zod'
import { hookMessageSchema, pastStateSchema, sessionSchema } from './shapes.ts'

/** A node keeps and tells so many: some half an hour of ten sessions that never rest. */
export const mostPastStates = 2_000

/**
 * What a node tells by itself, in order; each is kept by the node until it was acknowledged. `all`: these are all
 * of its sessions, and others are gone. `past`: every state that they have had since it was told last, the oldest
 * first.
 */
export const newsSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('sessions'),
    all: z.boolean(),
    changed: z.array(sessionSchema),
    gone: z.array(z.string()),
    past: z.array(pastStateSchema).max(mostPastStates).default([]),
  }),
  z.object({ type: z.literal('hook'), message: hookMessageSchema }),
])
export type News = z.infer<typeof newsSchema>
