import { z } from 'zod'
import { suggestionSources, suggestionStates, suggestionTargets } from '../../core/suggestion.ts'

/** In snake case; `app/core/suggestion.ts` says what they mean. */
export const suggestionSchema = z.object({
  id: z.number(),
  key: z.string(),
  source: z.enum(suggestionSources),
  state: z.enum(suggestionStates),
  title: z.string(),
  description: z.string(),
  priority: z.number(),
  project_id: z.number().nullable(),
  ref: z.string(),
  sighted_at: z.number().nullable(),
  suggested_as: z.enum(suggestionTargets),
  became: z.enum(suggestionTargets).nullable(),
  became_id: z.number().nullable(),
  created_at: z.number(),
  changed_at: z.number(),
  changed_by: z.string().nullable(),
})
