import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { HookMessage, ProcessIdentity } from '../core/hook.ts'

/*
 * What the hooks of one agent process have told, newest last. The assigner keeps it in a file for each process,
 * so that it outlives the assigner and everybody who reads sessions can see it.
 */

const common = {
  id: z.string(),
  at: z.number(),
  conversation: z.string().nullable(),
  turnId: z.string().nullable(),
}

const entry = z.discriminatedUnion('type', [
  z.object({ ...common, type: z.literal('prompt_received'), text: z.string() }),
  z.object({ ...common, type: z.literal('turn_ended'), answer: z.string().nullable() }),
  z.object({ ...common, type: z.literal('turn_failed'), error: z.string(), says: z.string().nullable() }),
  z.object({ ...common, type: z.literal('permission_asked'), tool: z.string() }),
  z.object({ ...common, type: z.literal('question_asked') }),
  z.object({ ...common, type: z.literal('session_started') }),
  z.object({ ...common, type: z.literal('session_ended') }),
  z.object({ ...common, type: z.literal('notification') }),
  z.object({ ...common, type: z.literal('compacting') }),
])
export type HookEntry = z.output<typeof entry>
const hookRecord = z.array(entry)

/** A turn, its questions and those of the next two or three; also of the turns that a person began between. */
const maxEntries = 40

/** The record with one more message. The same message twice is one; the oldest are forgotten. */
export function withMessage(record: readonly HookEntry[], message: HookMessage): HookEntry[] {
  if (record.some(({ id }) => id === message.id)) return [...record]
  // Only the fields of an entry are left of the message.
  return [...record, entry.parse(message)].slice(-maxEntries)
}

export function hookRecordFile(folder: string, { pid, startedAt }: ProcessIdentity): string {
  return join(folder, `${pid}-${startedAt}.json`)
}

/** Empty when there is none, or when it can't be understood. */
export function readHookRecord(file: string): HookEntry[] {
  const read = hookRecord.safeParse(readJson(file))
  return read.success ? read.data : []
}

export interface HookRecords {
  /** What this very process has told; one `stat` when nothing has changed. */
  of(agent: ProcessIdentity): readonly HookEntry[]
}

/** `folder` null: nobody keeps records here. */
export function createHookRecords(folder: string | null): HookRecords {
  const seen = new Map<string, { mark: string; entries: HookEntry[] }>()
  return {
    of(agent) {
      if (folder === null) return []
      const file = hookRecordFile(folder, agent)
      const stat = statSync(file, { throwIfNoEntry: false, bigint: true })
      if (!stat) return []
      const mark = `${stat.ino} ${stat.mtimeNs} ${stat.size}`
      const earlier = seen.get(file)
      if (earlier?.mark === mark) return earlier.entries
      const entries = readHookRecord(file)
      if (seen.size >= maxKept) seen.clear()
      seen.set(file, { mark, entries })
      return entries
    },
  }
}

/** Records that are kept; far more than one machine has agents. */
const maxKept = 2_000

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
