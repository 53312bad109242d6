import { resolve } from 'node:path/posix'
import type { Ask } from '../core/interaction.ts'
import type { Conditions, Pattern } from '../core/pattern.ts'
import type { Act } from './acts.ts'
import {
  type CommandTemplate,
  grants,
  mentions,
  readTemplate,
  type TemplateMatch,
} from './command-template.ts'
import type { DecisionContext } from './context.ts'
import { isBelow, isInside, likelyPath, pathsOfWord } from './paths.ts'
import type { SimpleCommand } from './shell/simple-command.ts'

/** Whether a pattern is about this session and agent at all. */
export function appliesHere({ conditions }: Pattern, ask: Ask, context: DecisionContext): boolean {
  const { sessions, tiers, agents, projects } = conditions
  const { projectRoot } = context
  return (
    (sessions === undefined || sessions.includes(context.session)) &&
    (tiers === undefined || tiers.includes(context.tier)) &&
    (agents === undefined || agents.includes(ask.agent)) &&
    (projects === undefined ||
      (projectRoot !== null && projects.some((project) => isBelow(projectRoot, project))))
  )
}

/** Whether a pattern grants this act; nothing that can't be told is taken for granted. */
export function grantsAct({ conditions }: Pattern, act: Act, context: DecisionContext): TemplateMatch {
  if (!namesTool(conditions, act)) return null
  if (!touchesOnly(conditions, act, context) || !fetchesOnly(conditions, act)) return null
  if (act.kind !== 'command') return conditions.commands === undefined ? 'loosely' : null
  return conditions.commands === undefined
    ? anyCommand(conditions, act.command)
    : grantsCommand(conditions.commands, act.command, context)
}

/** Whether an act is one that a denying or asking pattern means. */
export function meansAct({ conditions }: Pattern, act: Act, context: DecisionContext): boolean {
  const { commands, paths, inside, hosts } = conditions
  if (!namesTool(conditions, act)) return false
  if (
    commands !== undefined &&
    !(act.kind === 'command' && templatesOf(commands).some((template) => mentions(template, act.command)))
  )
    return false
  if (hosts !== undefined && !(act.kind === 'fetch' && hosts.some((host) => isHost(act.url.hostname, host))))
    return false
  const touched = pathsOfAct(act)
  if (
    paths !== undefined &&
    !touched.some((path) => paths.some((glob) => isGlob(likelyPath(path), glob, context)))
  )
    return false
  return inside === undefined || touched.some((path) => isInside(path, context) === (inside === 'project'))
}

/** What a condition without `tools` is about follows from its other parts. */
function namesTool({ tools, commands, hosts }: Conditions, act: Act): boolean {
  const name = act.kind === 'command' ? 'shell' : act.kind === 'tool' ? act.tool : act.kind
  if (tools === undefined)
    return (commands !== undefined && act.kind === 'command') || (hosts !== undefined && act.kind === 'fetch')
  return tools.some((tool) => tool === name || (tool.endsWith('/*') && name.startsWith(tool.slice(0, -1))))
}

function touchesOnly({ paths, inside }: Conditions, act: Act, context: DecisionContext): boolean {
  if (paths === undefined && inside === undefined) return true
  const touched = pathsOfAct(act)
  if (act.kind === 'command' && act.command.words.some(({ value }) => value === null)) return false
  return touched.every(
    (path) =>
      (inside === undefined || isInside(path, context) === (inside === 'project')) &&
      (paths === undefined || (!/^[?~]/.test(path) && paths.some((glob) => isGranted(path, glob, context)))),
  )
}

function fetchesOnly({ hosts }: Conditions, act: Act): boolean {
  return hosts === undefined || (act.kind === 'fetch' && hosts.some((host) => isHost(act.url.hostname, host)))
}

function pathsOfAct(act: Act): string[] {
  if (act.kind === 'read' || act.kind === 'edit' || act.kind === 'write') return act.paths
  return act.kind === 'command'
    ? act.command.words.slice(1).flatMap((word) => pathsOfWord(word, act.command.folders))
    : []
}

/** A pattern over all of the shell still needs words that are known. */
function anyCommand({ tools }: Conditions, command: SimpleCommand): TemplateMatch {
  return tools?.includes('shell') === true && command.words.every(({ value }) => value !== null)
    ? 'loosely'
    : null
}

function grantsCommand(lines: string[], command: SimpleCommand, context: DecisionContext): TemplateMatch {
  const matches = templatesOf(lines).map((template) => grants(template, command, context))
  return matches.find((match) => match === 'exactly') ?? matches.find((match) => match !== null) ?? null
}

const known = new Map<string, CommandTemplate | null>()
const mostKnown = 5_000

function templatesOf(lines: string[]): CommandTemplate[] {
  return lines.map(knownTemplate).filter((template) => template !== null)
}

/** Read once, because the same patterns are asked for every interaction. */
function knownTemplate(line: string): CommandTemplate | null {
  const before = known.get(line)
  if (before !== undefined) return before
  if (known.size >= mostKnown) known.clear()
  const template = readTemplate(line)
  known.set(line, template)
  return template
}

function isHost(host: string, pattern: string): boolean {
  const plain = pattern.toLowerCase()
  return plain.startsWith('*.') ? host.endsWith(plain.slice(1)) : host === plain
}

/** A glob grants nothing that a link leads out of the project, or out of the folder that the glob names. */
function isGranted(path: string, glob: string, context: DecisionContext): boolean {
  if (!isGlob(path, glob, context)) return false
  if (!glob.startsWith('/')) return isInside(path, context)
  const { realPath } = context
  const folder = /^[^*?]*\//.exec(glob)?.[0] ?? '/'
  return realPath === undefined || folder === '/' || isBelow(realPath(path), realPath(resolve(folder)))
}

function isGlob(path: string, glob: string, { projectRoot }: DecisionContext): boolean {
  if (glob.startsWith('/')) return globPattern(glob).test(path)
  return projectRoot !== null && globPattern(resolve(projectRoot, glob)).test(path)
}

/** `**` is any number of folders, `*` and `?` stay within one name. */
function globPattern(glob: string): RegExp {
  const parts = glob
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => globParts[part] ?? part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('')}$`, 's')
}

const globParts: Record<string, string> = { '**/': '(?:[^/]+/)*', '**': '.*', '*': '[^/]*', '?': '[^/]' }
