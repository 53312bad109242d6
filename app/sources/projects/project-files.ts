import { z } from 'zod'
import { projectKeyPattern, projectLimits } from '../../core/project.ts'
import { readInside, type FileRead } from '../scan/read-inside.ts'

/** Files by which a project tells agents what it is. */
export const agentFileNames = [
  'CLAUDE.md',
  'AGENTS.md',
  'agents.md',
  'GEMINI.md',
  'context.md',
  'project.json',
] as const
export type AgentFileName = (typeof agentFileNames)[number]

/** One of them that is there. */
export interface AgentFile {
  name: AgentFileName
  bytes: number
  /** Why it was not read; null: it was. */
  problem: string | null
}

export interface ProjectFiles {
  files: AgentFile[]
  /** What `project.json` says, as far as it can be used. */
  said: ProjectJson | null
  /** The beginning of `context.md`; '' without one. */
  context: string
}

/** What else stands in the file is left alone: other programs have their own fields in it. */
const projectJsonSchema = z.object({
  name: z.string().trim().min(1).max(projectLimits.nameChars).optional(),
  key: z.string().regex(projectKeyPattern).optional(),
  description: z.string().max(projectLimits.descriptionChars).optional(),
  repository: z
    .union([
      z.string().max(projectLimits.urlChars),
      z.object({ url: z.string().max(projectLimits.urlChars) }),
    ])
    .transform((given) => (typeof given === 'string' ? given : given.url))
    .optional(),
})
export type ProjectJson = z.infer<typeof projectJsonSchema>

const mostBytes = { json: 65_536, text: 262_144 }
const contextChars = 4_000

/** Reads them below a real path. Rubbish is no reason to stop: it is told beside the name. */
export function readProjectFiles(root: string): ProjectFiles {
  const found: ProjectFiles = { files: [], said: null, context: '' }
  for (const name of agentFileNames) {
    const isJson = name === 'project.json'
    const read = readInside(root, name, isJson ? mostBytes.json : mostBytes.text)
    if (read.is === 'unreadable' && read.reason === 'it is gone') continue
    if (read.is !== 'read') {
      found.files.push({ name, bytes: read.is === 'huge' ? read.bytes : 0, problem: whyUnread(read) })
      continue
    }
    const text = textOf(read.bytes)
    const said = isJson && text !== null ? parseProjectJson(text) : null
    const problem = text === null ? 'it is no text' : (said?.problem ?? null)
    found.files.push({ name, bytes: read.bytes.length, problem })
    if (said?.value) found.said = said.value
    if (name === 'context.md' && text !== null) found.context = text.slice(0, contextChars).toWellFormed()
  }
  return found
}

function whyUnread(read: Exclude<FileRead, { is: 'read' }>): string {
  if (read.is === 'unreadable') return read.reason
  return read.is === 'huge' ? 'it is too long' : 'it is a link or no file'
}

/** null: a NUL, or bytes that are not UTF-8. */
function textOf(bytes: Buffer): string | null {
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null // as it says
  }
}

function parseProjectJson(text: string): { value: ProjectJson | null; problem: string | null } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { value: null, problem: 'it is no JSON' }
  }
  const read = projectJsonSchema.safeParse(value)
  if (read.success) return { value: read.data, problem: null }
  const [issue] = read.error.issues
  return { value: null, problem: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not as expected'}` }
}
