import { z } from 'zod'
import { isSessionName } from '../../../core/lock.ts'

/** One entry of `active_sessions.json`: as the view shows it, or as a session appended it by shell. */
const entrySchema = z.object({
  session: z.string().refine(isSessionName),
  branch: z.string().max(500).nullish(),
  files: z.union([z.string().transform((path) => [path]), z.array(z.string()).max(5_000)]).nullish(),
  /** Folder of the project. */
  project: z.string().max(4_096).nullish(),
  /** Only in the view: number of the lock, and of the view that showed it. */
  lock: z.number().int().nullish(),
  view: z.number().int().nullish(),
})
export type Entry = z.infer<typeof entrySchema> & {
  /** As it stands in the file. */
  raw: string
}

export interface FileContent {
  entries: Entry[]
  /** Lines that are no entry. */
  rubbish: string[]
  /** Where something begins that may still be written, in bytes; null: everything was read. */
  unfinishedAt: number | null
}

/** Longer ones are no entry. */
const maxEntryBytes = 256 * 1_024
const maxLineBytes = 1_024

/**
 * Reads the file from an offset as it may be: a list, a list with lines behind it, lines alone, `{}` before all of
 * that, broken lines in between. Brackets and commas between entries mean nothing, so that a list that an editor
 * left half broken loses no entry. Works on bytes: offsets stay right in whatever encoding a line is.
 */
export function readEntries(file: Buffer, from = 0): FileContent {
  const text = file.toString('latin1')
  const content: FileContent = { entries: [], rubbish: [], unfinishedAt: null }
  const lastEntry = text.lastIndexOf('\n{')
  // Objects that are never closed are followed over so many bytes in all, so that rubbish costs no hours.
  const patience = { bytes: 4 * file.length + maxEntryBytes }
  for (let at = from; at < text.length;) {
    if (between.test(text[at]!)) {
      at += 1
      continue
    }
    const end = text[at] === '{' ? endOfObject(text, at, patience) : null
    const raw = end === null ? '' : file.subarray(at, end).toString('utf8')
    const entry = end === null ? null : entryOf(raw)
    if (end !== null && entry !== null) {
      if (entry !== 'empty') content.entries.push({ ...entry, raw })
      at = end
      continue
    }
    const newline = text.indexOf('\n', at)
    if (end === null && mayGoOn(text, at, newline, lastEntry)) return { ...content, unfinishedAt: at }
    const line = newline < 0 ? text.length : newline
    content.rubbish.push(file.subarray(at, line).toString('utf8'))
    at = line + 1
  }
  return content
}

/** White space, what stands between entries of a list, NULs of a hole, and the bytes of a byte order mark. */
const between = /[\s,[\]\0\u00ef\u00bb\u00bf]/

function entryOf(raw: string): z.infer<typeof entrySchema> | 'empty' | null {
  try {
    const value: unknown = JSON.parse(raw)
    if (JSON.stringify(value) === '{}') return 'empty'
    return entrySchema.safeParse(value).data ?? null
  } catch {
    return null // no JSON: rubbish
  }
}

/** A line without its end, or an object of several lines that no other object follows. */
function mayGoOn(text: string, at: number, newline: number, lastEntry: number): boolean {
  if (text.length - at > maxEntryBytes) return false
  if (newline < 0) return true
  return text[at] === '{' && lastEntry < at
}

/** Where the object ends that begins here; null: it is not closed, or a string in it is broken. */
function endOfObject(text: string, start: number, patience: { bytes: number }): number | null {
  const limit = Math.min(text.length, start + Math.min(maxEntryBytes, Math.max(maxLineBytes, patience.bytes)))
  let depth = 0
  let isString = false
  for (let at = start; at < limit; at++) {
    const sign = text[at]
    patience.bytes -= 1
    // A line that begins with a bracket is another entry.
    if (sign === '{' && at > start && text[at - 1] === '\n') return null
    if (isString) {
      if (sign === '\\') at += 1
      else if (sign === '"') isString = false
      else if (sign === '\n') return null
    } else if (sign === '"') isString = true
    else if (sign === '{' || sign === '[') depth += 1
    else if (sign === '}' || sign === ']') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return null
}
