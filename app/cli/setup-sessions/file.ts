import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { AppError, messageOf } from '../../core/errors.ts'
import { tiers } from '../../core/hierarchy.ts'

/** One session that shall exist, as its file says; `dir` is absolute. */
export interface WantedSession {
  name: string
  agent: string
  dir: string
  tier: 'high_level' | 'manager' | 'worker'
  tags: string[]
  manager: string | null
  /** Put behind the agent's own command line. */
  args: string[]
  env: Record<string, string>
  /** Of the vault, by name: `NAME`, or `VARIABLE=NAME`. */
  secrets: string[]
  /** Where it stands in the file. */
  line: number
}

/** Throws `not_found` or `invalid` with file, line and what must stand there. */
export function readSessionsFile(path: string, agents: string[]): WantedSession[] {
  const source = readText(path)
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines })
  const [fault] = document.errors
  if (fault)
    throw complaint(path, lines.linePos(fault.pos[0]).line, fault.message.split('\n')[0] ?? fault.message)
  const checked = fileSchema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (!checked.success) {
    const issue = checked.error.issues[0]!
    throw complaint(path, lineOf(document, lines, issue.path), `${nameOf(issue.path)}: ${issue.message}`)
  }
  const wanted = checked.data.sessions.map((entry, index) => ({
    ...entry,
    dir: absolute(entry.dir, dirname(path)),
    line: lineOf(document, lines, ['sessions', index]),
  }))
  wanted.forEach((session, index) => checkSession(path, session, wanted.slice(0, index), agents))
  for (const session of wanted) checkManager(path, session, wanted)
  return wanted
}

/** tmux turns `.` and `:` in a session's name into `_`, and a leading `%`, `=` or `-` means something else to it. */
const sessionName = /^[\p{L}\p{N}_][\p{L}\p{N}_ @+/-]{0,63}$/u

const fileSchema = z.strictObject({
  sessions: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(sessionName, { error: 'must be a name of letters, digits, _ and - (no . or :)' }),
        agent: z.string().min(1),
        dir: z.string().min(1),
        tier: z.enum(['high_level', 'manager', 'worker']).default('worker'),
        tags: z.array(z.string().min(1)).default([]),
        manager: z.string().min(1).nullable().default(null),
        args: z.array(z.coerce.string()).default([]),
        env: z
          .record(
            z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' }),
            z.coerce.string(),
          )
          .default({}),
        secrets: z.array(z.string().min(1)).default([]),
      }),
    )
    .min(1, { error: 'must list at least one session' }),
})

function checkSession(path: string, session: WantedSession, earlier: WantedSession[], agents: string[]) {
  const { name, agent, dir, line } = session
  const twin = earlier.find((other) => other.name === name)
  if (twin) throw complaint(path, line, `name: "${name}" stands in line ${twin.line} already`)
  if (!agents.includes(agent)) {
    throw complaint(path, line, `agent: must be one of ${agents.join(', ')}, not "${agent}"`)
  }
  if (!existsSync(dir) || !statSync(dir).isDirectory())
    throw complaint(path, line, `dir: there is no folder ${dir}`)
}

/** Who leads stands higher than who is led; a manager that is not in the file is checked when it is settled. */
function checkManager(path: string, { name, tier, manager, line }: WantedSession, all: WantedSession[]) {
  const leader = all.find((other) => other.name === manager)
  if (!leader || tiers.indexOf(leader.tier) < tiers.indexOf(tier)) return
  const sentence = `manager: "${leader.name}" is a ${leader.tier} and can't lead "${name}", a ${tier}`
  throw complaint(path, line, sentence)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AppError('not_found', `Cannot read ${path}: ${messageOf(error)}.`, { cause: error })
  }
}

function absolute(dir: string, base: string): string {
  if (dir === '~' || dir.startsWith('~/')) return join(homedir(), dir.slice(1))
  return isAbsolute(dir) ? resolve(dir) : resolve(base, dir)
}

function complaint(path: string, line: number, sentence: string): AppError {
  return new AppError('invalid', `${path}, line ${line}: ${sentence}.`)
}

/** `sessions.0.dir` is "session 1, dir" to the person who wrote it. */
function nameOf(path: PropertyKey[]): string {
  const [, index, ...rest] = path
  if (typeof index !== 'number') return path.join('.') || 'the file'
  return [`session ${index + 1}`, ...(rest.length > 0 ? [rest.join('.')] : [])].join(', ')
}

/** The line of the innermost thing on the path that stands in the file. */
function lineOf(document: Document, lines: LineCounter, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    const range = node && typeof node === 'object' && 'range' in node ? node.range : null
    if (Array.isArray(range)) return lines.linePos(Number(range[0])).line
  }
  return 1
}
