import { z } from 'zod'

/** A node by its number or name. */
export const nodeParams = z.object({ id: z.string().min(1).max(63) })

const hour = 3_600_000

/** How far back a chart goes; each is one tier of what is kept. */
export const spans = { '1h': hour, '24h': 24 * hour, '7d': 7 * 24 * hour, '90d': 90 * 24 * hour } as const
