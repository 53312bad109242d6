import type { Ask } from '../core/interaction.ts'
import type { Conditions, Effect, NewPattern } from '../core/pattern.ts'
import { type Act, actsOf } from './acts.ts'
import { writeTemplateWord } from './command-template.ts'
import type { DecisionContext } from './context.ts'
import { isInside, pathsOfWord } from './paths.ts'
import { programOf, type ShellWord, type SimpleCommand } from './shell/simple-command.ts'

/** A pattern as it could be made, with what it means in a sentence. */
export interface PatternSuggestion {
  pattern: NewPattern
  /** "Allows `npm test` in the project shop." */
  says: string
}

export interface PatternSuggestions {
  /** As narrow as it is of use: this program, this subcommand, these words, in this project. */
  narrow: PatternSuggestion
  /** Each grants more than the one before. */
  wider: PatternSuggestion[]
}

/**
 * Patterns that would answer this interaction, and others like it. null when it isn't certain what it does: such a
 * thing can't be granted by rule.
 */
export function patternFrom(
  ask: Ask,
  context: DecisionContext,
  effect: Effect = 'allow',
): PatternSuggestions | null {
  const { acts, doubts } = actsOf(ask, context)
  if (ask.kind !== 'permission' || !ask.inputWhole || doubts.length > 0 || acts.length === 0) return null
  const variants = distinct(variantsOf(acts, context))
  const [narrow, ...wider] = variants.map((conditions) => suggestion(conditions, acts, effect, context))
  return narrow === undefined ? null : { narrow, wider }
}

/** Conditions from narrow to wide; all of them hold in this project only, where there is one. */
function variantsOf(acts: Act[], { projectRoot }: DecisionContext): Conditions[] {
  const here: Conditions = projectRoot === null ? {} : { projects: [projectRoot] }
  const [act] = acts
  const commands = acts.flatMap((each) =>
    each.kind === 'command' && each.command.words.length > 0 ? [each.command] : [],
  )
  if (commands.length > 0) {
    const shapes = [exactTemplate, scopedTemplate, openTemplate]
    return shapes.map((shape) => ({
      ...here,
      commands: [...new Set(commands.map((command) => shape(command)))],
    }))
  }
  if (act?.kind === 'fetch') return [{ ...here, tools: ['fetch'], hosts: [act.url.hostname] }]
  if (act?.kind === 'tool') {
    const server = act.tool.split('/')[0] ?? act.tool
    return [
      { ...here, tools: [act.tool] },
      { ...here, tools: [`${server}/*`] },
    ]
  }
  return act === undefined || act.kind === 'command' ? [] : variantsOfFiles(act.kind, act.paths, here)
}

function variantsOfFiles(kind: 'read' | 'edit' | 'write', paths: string[], here: Conditions): Conditions[] {
  const folders = [...new Set(paths.map((path) => `${path.slice(0, path.lastIndexOf('/'))}/**`))]
  return [
    { ...here, tools: [kind], paths },
    { ...here, tools: [kind], inside: 'project', paths: folders },
    { ...here, tools: [kind], inside: 'project' },
  ]
}

function exactTemplate(command: SimpleCommand): string {
  return command.words.map(writtenWord).join(' ')
}

/** Texts after `-m` and files may differ; everything else is as it was. */
function scopedTemplate(command: SimpleCommand): string {
  return command.words
    .map((word, index) => {
      if (index === 0 || word.value?.startsWith('-')) return writtenWord(word)
      if (takesText(command.words[index - 1])) return '<text>'
      return /[/.]/.test(word.value ?? '') ? '<path>' : writtenWord(word)
    })
    .join(' ')
}

/** The program, its subcommand, and anything after it. */
function openTemplate(command: SimpleCommand): string {
  const second = command.words[1]?.value ?? ''
  const hasSubcommand = /^[a-z][a-z-]*$/.test(second) && !looksOnly.has(programOf(command))
  return [programOf(command), ...(hasSubcommand ? [second] : []), '...'].join(' ')
}

/** Their first word is a file or a text, not a subcommand. */
const looksOnly = new Set([
  'ls',
  'cat',
  'head',
  'tail',
  'grep',
  'rg',
  'echo',
  'rm',
  'cp',
  'mv',
  'mkdir',
  'touch',
  'node',
  'python3',
  'python',
])

const takesText = (word: ShellWord | undefined) => word?.value === '-m' || word?.value === '--message'

const writtenWord = (word: ShellWord) => (word.value === null ? '<text>' : writeTemplateWord(word.value))

function suggestion(
  conditions: Conditions,
  acts: Act[],
  effect: Effect,
  context: DecisionContext,
): PatternSuggestion {
  const what = namePattern(conditions)
  const where =
    context.projectRoot === null ? 'anywhere' : `in the project ${context.projectRoot.split('/').at(-1)}`
  const verb = { allow: 'Allows', deny: 'Denies', ask: 'Asks a person about' }[effect]
  const outside = leavesProject(acts, context) ? ' It touches files outside of the project.' : ''
  return {
    pattern: { name: what.slice(0, 200), effect, conditions },
    says: `${verb} ${what} ${where}.${outside}`,
  }
}

/** What a rule is about, as its name: "`npm test`", "edit of /srv/docs/*.md". */
export function namePattern({ commands, tools, paths, hosts, inside }: Conditions): string {
  if (commands) return commands.map((line) => `\`${line}\``).join(' and ')
  if (hosts) return `fetching from ${hosts.join(', ')}`
  if (paths) return `${tools?.join(', ')} of ${paths.join(', ')}`
  return inside ? `${tools?.join(', ')} of any file inside` : `the tool ${tools?.join(', ')}`
}

function leavesProject(acts: Act[], context: DecisionContext): boolean {
  return acts.some((act) => {
    if (act.kind === 'command')
      return act.command.words
        .slice(1)
        .some((word) => pathsOfWord(word, act.command.folders).some((path) => !isInside(path, context)))
    return 'paths' in act && act.paths.some((path) => !isInside(path, context))
  })
}

/** Without those that grant no more than the one before. */
function distinct(variants: Conditions[]): Conditions[] {
  const seen = new Set<string>()
  return variants.filter((variant) => !seen.has(JSON.stringify(variant)) && seen.add(JSON.stringify(variant)))
}
