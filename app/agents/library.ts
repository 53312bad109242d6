import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { DeliveryProfile, LaunchProfile } from '../core/agent.ts'
import { AppError, messageOf } from '../core/errors.ts'
import { packageRoot } from '../core/paths.ts'
import type { AgentKind, SessionState } from '../core/session.ts'
import { compileComposer } from './composer.ts'
import { compileCondition } from './conditions.ts'
import { compileDialogs, type DialogRules } from './dialog-rules.ts'
import type { Condition } from './conditions.ts'
import { compilePattern, ruleFileSchema } from './rule-file.ts'
import type { RuleFile, RuleSource } from './rule-file.ts'
import type { Landmarks } from './view.ts'

/** How the process of an agent is recognised; patterns are tested on argv joined by blanks. */
export interface ProcessRecogniser {
  kind: AgentKind
  executables: string[]
  argvPatterns: RegExp[]
  runtimes: string[]
}

export interface Rule {
  /** `claude/permission`. */
  name: string
  state: SessionState
  says: string
  when: Condition[]
  unless: Condition[]
  accepts: boolean
  until: RegExp | null
  guess: boolean
}

/** The rules of one kind of agent, compiled. */
export interface AgentRules extends Landmarks {
  kind: AgentKind
  recorded: string[]
  process: ProcessRecogniser
  version: RegExp | null
  signs: Condition[]
  rules: Rule[]
  refuse: Condition[]
  /** null: its dialogs are answered by people, in the pane. */
  answers: DialogRules | null
  delivery: DeliveryProfile
  launch: LaunchProfile
}

export type AgentLibrary = ReadonlyMap<AgentKind, AgentRules>

/**
 * The built-in rules, and the user's own from `<dataDir>/agents/NAME.yaml`; one with the name of a built-in
 * replaces it. Throws `invalid` with file, line and what must stand there.
 */
export function loadLibrary(dataDir?: string): AgentLibrary {
  const folders = [
    join(packageRoot, 'app/agents/rules'),
    ...(dataDir === undefined ? [] : [join(dataDir, 'agents')]),
  ]
  const library = new Map<AgentKind, AgentRules>()
  for (const file of folders.flatMap(ruleFilesIn)) {
    const rules = parseRules(readFileSync(file, 'utf8'), file)
    library.set(rules.kind, rules)
  }
  return library
}

/** One rule file's text; `file` stands in the complaints. */
export function parseRules(text: string, file: string): AgentRules {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [fault] = document.errors
  if (fault)
    throw complaint(file, lines.linePos(fault.pos[0]).line, fault.message.split('\n')[0] ?? fault.message)
  const checked = ruleFileSchema.safeParse(toPlain(document, file))
  if (!checked.success) {
    const issue = deepest(checked.error.issues)
    const line = lineOf(document, lines, issue.path)
    throw complaint(file, line, `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`)
  }
  const expected = basename(file).replace(/\.ya?ml$/, '')
  if (checked.data.kind !== expected) {
    throw complaint(
      file,
      lineOf(document, lines, ['kind']),
      `kind: must be "${expected}", the name of the file`,
    )
  }
  return compile(checked.data)
}

function ruleFilesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))
  return names.toSorted().map((name) => join(folder, name))
}

function complaint(file: string, line: number, message: string): AppError {
  return new AppError(
    'invalid',
    `${file}, line ${line}: ${message}. views/docs/agents.md explains every key.`,
  )
}

function toPlain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    throw new AppError('invalid', `${file}: ${messageOf(error)}`, { cause: error })
  }
}

interface Issue {
  path: PropertyKey[]
  message: string
}

/** A union reports the faults of each branch: the one that got furthest into the file is the one meant. */
function deepest(issues: readonly z.core.$ZodIssue[], above: PropertyKey[] = []): Issue {
  const all = issues.flatMap((issue): Issue[] => {
    const path = [...above, ...issue.path]
    if (issue.code !== 'invalid_union') return [{ path, message: issue.message }]
    const branches = issue.errors.filter((branch) => branch.length > 0)
    const best = branches.toSorted((a, b) => a.length - b.length || unknownKeys(a) - unknownKeys(b))[0]
    return best ? [deepest(best, path)] : [{ path, message: issue.message }]
  })
  return all.toSorted((a, b) => b.path.length - a.path.length)[0] ?? { path: above, message: 'is not valid' }
}

function unknownKeys(issues: readonly z.core.$ZodIssue[]): number {
  return issues.filter((issue) => issue.code === 'unrecognized_keys').length
}

function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line
    }
  }
  return 1
}

function compile(file: RuleFile): AgentRules {
  return {
    kind: file.kind,
    recorded: file.recorded,
    process: {
      kind: file.kind,
      executables: file.process.executables,
      argvPatterns: file.process.argv.map(compilePattern),
      runtimes: file.process.runtimes,
    },
    version: file.version === undefined ? null : compilePattern(file.version),
    signs: file.signs.map(compileCondition),
    turnStart: compilePattern(file.turnStart),
    dialog: { edge: compilePattern(file.dialog.edge), option: compilePattern(file.dialog.option) },
    composers: file.composers.map(compileComposer),
    rules: file.rules.map((rule) => compileRule(file.kind, rule)),
    refuse: file.refuse.map(compileCondition),
    answers: file.answers ? compileDialogs(file.answers) : null,
    delivery: file.delivery,
    launch: file.launch,
  }
}

function compileRule(kind: AgentKind, rule: RuleSource): Rule {
  return {
    name: `${kind}/${rule.id}`,
    state: rule.state,
    says: rule.says,
    when: rule.when.map(compileCondition),
    unless: rule.unless.map(compileCondition),
    accepts: rule.accepts,
    until: rule.until === undefined ? null : compilePattern(rule.until),
    guess: rule.guess,
  }
}
