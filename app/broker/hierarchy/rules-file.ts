import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { AppError, messageOf } from '../../core/errors.ts'
import { hierarchySchema, type HierarchyRules } from '../../core/hierarchy.ts'
import { packageRoot } from '../../core/paths.ts'

const shippedPath = join(packageRoot, 'app/broker/hierarchy/default.yaml')

/**
 * The rules in force: the shipped ones, with the sections of `hierarchy.yaml` in the data folder over them. The
 * file is read again when it changed. Throws `invalid` with file, line and what must stand there.
 */
export function readHierarchy(dataDir: string): HierarchyRules {
  return { ...shippedHierarchy(), ...readRules(join(dataDir, 'hierarchy.yaml')) }
}

/** What holds where nobody wrote anything else; whole by its test. */
export function shippedHierarchy(): HierarchyRules {
  return readRules(shippedPath) as HierarchyRules
}

interface Known {
  print: string
  rules: Partial<HierarchyRules>
}

const known = new Map<string, Known>()

function readRules(path: string): Partial<HierarchyRules> {
  const print = printOf(path)
  const before = known.get(path)
  if (before?.print === print) return before.rules
  const rules = print === '' ? {} : parseRules(path, readText(path))
  known.set(path, { print, rules })
  return rules
}

/** '' when there is no such file. */
function printOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found ? `${found.mtimeNs} ${found.size} ${found.ino}` : ''
}

function parseRules(path: string, source: string): Partial<HierarchyRules> {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines })
  const [fault] = document.errors
  if (fault) throw complaint(path, lines.linePos(fault.pos[0]).line, firstLine(fault.message))
  const checked = hierarchySchema.partial().safeParse(document.toJS({ maxAliasCount: 0 }) ?? {})
  if (checked.success) return withoutGaps(checked.data)
  const issue = checked.error.issues[0]!
  const name = issue.path.join('.') || 'the file'
  throw complaint(path, lineOf(document, lines, issue.path), `${name}: ${issue.message}`)
}

function withoutGaps(rules: { [Key in keyof HierarchyRules]?: HierarchyRules[Key] | undefined }) {
  return Object.fromEntries(
    Object.entries(rules).filter(([, value]) => value !== undefined),
  ) as Partial<HierarchyRules>
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AppError('invalid', `Cannot read ${path}: ${messageOf(error)}.`, { cause: error })
  }
}

function complaint(path: string, line: number, sentence: string): AppError {
  return new AppError('invalid', `${path}, line ${line}: ${sentence}.`)
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
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
