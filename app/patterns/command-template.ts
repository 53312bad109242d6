import type { DecisionContext } from './context.ts'
import { isInside, pathsOfWord } from './paths.ts'
import { programNameOf, programOf, type ShellWord, type SimpleCommand } from './shell/simple-command.ts'

/** One simple command as a pattern writes it, word by word. */
export interface CommandTemplate {
  words: TemplateWord[]
  /** It ends with `...`: any further words. */
  open: boolean
}
type TemplateWord = { kind: 'literal'; value: string } | { kind: 'path' } | { kind: 'text' }

/** `exactly`: every word is spelled out by the template. `loosely`: a placeholder or `...` took part. */
export type TemplateMatch = 'exactly' | 'loosely' | null

/** Reads `git commit -m <text>`; null when it isn't a template (no program, an open quote). */
export function readTemplate(line: string): CommandTemplate | null {
  const words = splitTemplate(line)
  if (words === null) return null
  const open = words.at(-1)?.bare === '...'
  const templateWords = (open ? words.slice(0, -1) : words).map(({ bare, value }): TemplateWord => {
    if (bare === '<path>') return { kind: 'path' }
    return bare === '<text>' ? { kind: 'text' } : { kind: 'literal', value }
  })
  return templateWords[0]?.kind === 'literal' ? { words: templateWords, open } : null
}

/** How a person would write these words in a template. */
export function writeTemplateWord(value: string): string {
  const isPlain = /^[^\s'"<>;&|]+$/.test(value) && value !== '...'
  return isPlain ? value : `'${value.replaceAll("'", "''")}'`
}

function splitTemplate(line: string): { bare: string | null; value: string }[] | null {
  const token = /\s*(?:'((?:[^']|'')*)'|([^\s']+))(?=\s|$)/y
  const words: { bare: string | null; value: string }[] = []
  const trimmed = line.trim()
  while (token.lastIndex < trimmed.length) {
    const match = token.exec(trimmed)
    if (match === null) return null
    words.push(
      match[1] === undefined
        ? { bare: match[2]!, value: match[2]! }
        : { bare: null, value: match[1].replaceAll("''", "'") },
    )
  }
  return words
}

/** Whether a command is one that the template grants: nothing of it is left to guessing. */
export function grants(
  template: CommandTemplate,
  command: SimpleCommand,
  context: DecisionContext,
): TemplateMatch {
  const { words, open } = template
  if (command.words.length < words.length || (!open && command.words.length > words.length)) return null
  const fits = words.every((word, index) => {
    const given = command.words[index]!
    if (index === 0) return word.kind === 'literal' && word.value === programOf(command)
    return fitsWord(word, given, command, context)
  })
  const rest = command.words.slice(words.length)
  if (!fits || rest.some((word) => word.value === null || leadsWithGlob(word))) return null
  return !open && isSelfContained(command) && words.every(({ kind }) => kind === 'literal')
    ? 'exactly'
    : 'loosely'
}

/** A template says nothing of variables and of what is fed to a command. */
function isSelfContained({ assignments, hasInput, fedBy }: SimpleCommand): boolean {
  return assignments.length === 0 && !hasInput && fedBy.length === 0
}

function fitsWord(
  word: TemplateWord,
  given: ShellWord,
  command: SimpleCommand,
  context: DecisionContext,
): boolean {
  if (word.kind === 'text') return fitsText(given, command)
  if (given.value === null) return false
  if (word.kind === 'literal') return !given.glob && given.value === word.value
  if (given.value.startsWith('-') || leadsWithGlob(given)) return false
  return pathsOfWord(given, command.folders).every((path) => isInside(path, context))
}

/** A known word that is no option; or a quoted unknown one directly after an option that takes it (`-m "$(date)"`). */
function fitsText(given: ShellWord, command: SimpleCommand): boolean {
  if (given.value !== null) return !given.glob && !given.value.startsWith('-')
  const before = command.words[command.words.indexOf(given) - 1]?.value
  return given.text.startsWith('"') && (before === '-m' || before === '--message')
}

/** `*.ts` may become `-x.ts`, and `.*` leads upwards. */
export function leadsWithGlob(word: ShellWord): boolean {
  return word.glob && /^[*?[]|(^|\/)\.[^/]*[*?[]/.test(word.value ?? '')
}

/**
 * Whether a command may be one that the template means: good for denials and questions. `npm run -s deploy` is
 * `npm run deploy`: options that the template does not spell out make no other command of it.
 */
export function mentions(template: CommandTemplate, command: SimpleCommand): boolean {
  const spelled = new Set(template.words.map((word) => (word.kind === 'literal' ? word.value : null)))
  const isOwnWord = ({ value }: ShellWord) => !value?.startsWith('-') || spelled.has(value)
  return [command.words, command.words.filter(isOwnWord)].some((words) => fitsWords(template, command, words))
}

function fitsWords({ words, open }: CommandTemplate, command: SimpleCommand, given: ShellWord[]): boolean {
  if (given.length < words.length || (!open && given.length > words.length)) return false
  return words.every((word, index) => {
    if (index === 0)
      return word.kind === 'literal' && [programOf(command), programNameOf(command)].includes(word.value)
    return word.kind !== 'literal' || word.value === given[index]!.value
  })
}
