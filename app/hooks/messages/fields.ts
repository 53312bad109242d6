import { z } from 'zod'
import type { HookFact } from '../../core/hook.ts'

/** What all three agents send with every event. */
export const commonFields = z.looseObject({
  session_id: z.string().optional(),
  transcript_path: z.string().nullish(),
  cwd: z.string().optional(),
  prompt_id: z.string().nullish(),
  turn_id: z.string().nullish(),
})

/** From one event of an agent to what it tells. */
export interface EventReader {
  read(body: unknown): z.ZodSafeParseResult<HookFact>
}

/** `schema` says what counts of the event; other fields of later versions are let through. */
export function event<Shape extends z.ZodType>(
  schema: Shape,
  toFact: (body: z.output<Shape>) => HookFact,
): EventReader {
  return { read: (body) => schema.transform(toFact).safeParse(body) }
}

export const toolInput = z.record(z.string(), z.unknown()).catch({})
