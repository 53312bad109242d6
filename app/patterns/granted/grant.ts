import { leadsWithGlob } from '../command-template.ts'
import type { DecisionContext } from '../context.ts'
import { isInside, pathsOfWord } from '../paths.ts'
import { programOf, type ShellWord, type SimpleCommand } from '../shell/simple-command.ts'

/**
 * A command that needs no rule of a person's. Everything about it is listed: an option that isn't there is asked
 * about, because it may run a program or write a file (`rg --pre`, `sort -o`, `git log --output`).
 */
export interface Grant {
  program: string
  /** The words that must follow first: `['log']`. */
  first?: string[]
  /** Letters that may follow one dash, alone or together. */
  letters?: string
  /** Whole options; a trailing `=` takes any value that is no path outside of the project. */
  options?: string[]
  /**
   * What else may follow. `paths`: words that are inside the project however a program reads them. `text`: words that
   * no program takes for a path. `names`: plain names of targets, scripts, branches. `file`: at least one path of a
   * file, then paths.
   */
  operands: 'none' | 'paths' | 'text' | 'names' | 'file'
  /** Feeding it through a pipe, a file or a here-document is harmless, too. */
  takesInput?: boolean
}

export function isGranted(
  command: SimpleCommand,
  grants: Map<string, Grant[]>,
  context: DecisionContext,
): boolean {
  const candidates = grants.get(programOf(command)) ?? []
  return candidates.some((grant) => fits(grant, command, context))
}

export function byProgram(grants: Grant[]): Map<string, Grant[]> {
  const groups = new Map<string, Grant[]>()
  for (const grant of grants) groups.set(grant.program, [...(groups.get(grant.program) ?? []), grant])
  return groups
}

function fits(grant: Grant, command: SimpleCommand, context: DecisionContext): boolean {
  const first = grant.first ?? []
  const rest = command.words.slice(1 + first.length)
  if (first.some((word, index) => command.words[index + 1]?.value !== word)) return false
  if (command.hasInput && grant.takesInput !== true) return false
  if (grant.operands === 'file' && !rest.some(({ value }) => value !== null && !value.startsWith('-')))
    return false
  return rest.every((word, index) => fitsWord(grant, word, rest[index - 1], command.folders, context))
}

function fitsWord(
  grant: Grant,
  word: ShellWord,
  before: ShellWord | undefined,
  folders: string[],
  context: DecisionContext,
): boolean {
  const { value } = word
  if (value === null) return grant.operands === 'text' && word.text.startsWith('"') && before?.value === '-m'
  if (leadsWithGlob(word)) return false
  const isText = grant.operands === 'text' && !value.startsWith('-')
  if (!isText && pathsOfWord(word, folders).some((path) => !isInside(path, context))) return false
  if (value === '--') return grant.operands !== 'none'
  if (value.startsWith('-') && value !== '-') return before?.value !== '--' && isListed(grant, value)
  return fitsOperand(grant, value)
}

function fitsOperand({ operands }: Grant, value: string): boolean {
  if (operands === 'none') return false
  return operands === 'names' ? /^[A-Za-z0-9][\w.:/@-]*$/.test(value) : true
}

function isListed({ letters = '', options = [] }: Grant, value: string): boolean {
  if (/^-\d+$/.test(value)) return letters.includes('#')
  if (options.some((option) => (option.endsWith('=') ? value.startsWith(option) : value === option)))
    return true
  return (
    /^-[A-Za-z0-9]*$/.test(value) && Array.from(value.slice(1)).every((letter) => letters.includes(letter))
  )
}
