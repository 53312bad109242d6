import { z } from 'zod'
import { testResultSchema } from '../../core/test-suite.ts'

export const testRunSchema = z.object({
  id: z.number(),
  suite: z.string(),
  outcome: testResultSchema.shape.outcome,
  began_at: z.number(),
  duration_ms: z.number(),
  passed: z.number().describe('cases'),
  total: z.number(),
  by: z.string(),
})
