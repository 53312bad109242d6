import { z } from 'zod'
import type { Screen } from '../core/agent.ts'
import { AppError } from '../core/errors.ts'
import { sessionStates } from '../core/session.ts'

const recordingSchema = z.object({
  id: z.string(),
  version: z.string().optional(),
  /** The truth; a user's own capture has none. */
  class: z.enum(sessionStates).optional(),
  acceptsPrompt: z.boolean().default(false),
  draft: z.boolean().default(false),
  retrying: z.boolean().default(false),
  title: z.string().default(''),
  command: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  cursor: z.object({ x: z.number().int(), y: z.number().int(), visible: z.boolean() }),
  alternate: z.boolean().default(false),
  dead: z.boolean().default(false),
  text: z.string().optional(),
  ansi: z.string().optional(),
})

/** A pane as it was saved, with the truth about it where somebody wrote that down. */
export type Recording = Omit<z.infer<typeof recordingSchema>, 'text' | 'ansi'> & { screen: Screen }

/** One line of a recording file. Throws `invalid` beginning with `where`. */
export function parseRecording(line: string, where: string): Recording {
  const checked = recordingSchema.safeParse(parseJson(line, where))
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new AppError(
      'invalid',
      `${where}: ${issue?.path.join('.') || 'the recording'}: ${issue?.message ?? ''}`,
    )
  }
  const { text, ansi, ...recording } = checked.data
  const drawn = ansi ?? text
  if (drawn === undefined)
    throw new AppError('invalid', `${where}: "ansi" or "text" must hold the screen's rows`)
  const { title, command, width, height, cursor, alternate, dead } = recording
  const rows = drawn.split('\n').slice(0, height)
  return { ...recording, screen: { rows, title, command, width, height, cursor, alternate, dead } }
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new AppError('invalid', `${where}: must be one JSON object`, { cause: error })
  }
}
