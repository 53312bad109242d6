import { z } from 'zod'
import { metricSampleSchema } from '../../app/core/metric-schema.ts'
import { nodeFactsSchema } from '../../app/core/node.ts'
import { mostSamplesInReport, type Report } from './sockets.ts'

/** What a node says of its machine, as it is checked where it arrives. */
export const reportSchema: z.ZodType<Report> = z.object({
  samples: z.array(metricSampleSchema).max(mostSamplesInReport),
  facts: nodeFactsSchema.exactOptional(),
  now: z.number(),
})
