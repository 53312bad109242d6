import { resolve } from 'node:path/posix'
import type { Ask } from '../core/interaction.ts'
import type { DecisionContext } from './context.ts'
import { absolute, type TouchedPath } from './paths.ts'
import { shownCommand, type SimpleCommand } from './shell/simple-command.ts'
import { understandShell } from './shell/understand.ts'
import { inferredCommands, unwrap } from './shell/unwrap.ts'
import { mayLaunch } from './shipped/launchers.ts'

/** One thing that would happen if the agent went on. All of an interaction's acts have to be granted. */
export type Act =
  | { kind: 'command'; command: SimpleCommand }
  | { kind: 'read' | 'edit' | 'write'; paths: TouchedPath[] }
  | { kind: 'fetch'; url: URL }
  | { kind: 'tool'; tool: string }

export interface Acts {
  acts: Act[]
  /** Further commands that may be meant; they count for denials only. */
  inferred: SimpleCommand[]
  /** Why it is not certain that these are all acts. */
  doubts: string[]
}

export function actsOf(ask: Ask, context: DecisionContext): Acts {
  const { tool, input } = ask
  if (tool === 'shell')
    return input.command === undefined
      ? unclear('its command is not known')
      : actsOfShell(input.command, ask, context)
  if (tool === 'edit' || tool === 'write' || tool === 'read')
    return actsOfFiles(tool, input.paths ?? [], context)
  if (tool === 'fetch') return actsOfFetch(input.url)
  if (tool.startsWith('mcp:')) return { acts: [{ kind: 'tool', tool }], inferred: [], doubts: [] }
  return unclear(`it is not known what the tool ${ask.toolName} does`)
}

const unclear = (doubt: string): Acts => ({ acts: [], inferred: [], doubts: [doubt] })

function actsOfShell(text: string, ask: Ask, { cwd }: DecisionContext): Acts {
  const { commands, doubts } = unwrap(understandShell(text, [resolve(cwd)]))
  const fromScreen =
    ask.inputFrom === 'screen' && text.includes('\n') ? ['a screen does not tell where its lines end'] : []
  return {
    acts: commands.flatMap(actsOfCommand),
    inferred: commands.filter(mayLaunch).flatMap(inferredCommands),
    doubts: [...doubts, ...fromScreen, ...(commands.length === 0 ? ['it contains no command'] : [])],
  }
}

/** The command itself, and the files of its redirections. */
function actsOfCommand(command: SimpleCommand): Act[] {
  const files = (kind: 'read' | 'write', words: SimpleCommand['reads']): Act[] =>
    words.map((word) => ({
      kind,
      paths: word.value === null || word.glob ? ['~'] : absolute(word.value, command.folders),
    }))
  return [{ kind: 'command', command }, ...files('read', command.reads), ...files('write', command.writes)]
}

function actsOfFiles(kind: 'edit' | 'write' | 'read', paths: string[], { cwd }: DecisionContext): Acts {
  if (paths.length === 0) return unclear('it is not known which file')
  const odd = paths.find(
    (path) => !/^[^\p{C}\u00A0\u2028\u2029]+$/u.test(path) || path.normalize('NFKC') !== path,
  )
  const doubts = odd === undefined ? [] : ['a path contains characters that can hide what it is']
  return {
    acts: [{ kind, paths: paths.flatMap((path) => absolute(path, [resolve(cwd)])) }],
    inferred: [],
    doubts,
  }
}

function actsOfFetch(address: string | undefined): Acts {
  const url =
    address === undefined || /[^\u0021-\u007E]/.test(address) || !URL.canParse(address)
      ? null
      : new URL(address)
  if (url === null) return unclear('its address is not plain')
  const doubts: string[] = []
  if (url.protocol !== 'https:' && url.protocol !== 'http:') doubts.push(`${url.protocol} is no web address`)
  if (url.username !== '' || url.password !== '') doubts.push('its address contains a login')
  if (isPrivate(url.hostname)) doubts.push(`${url.hostname} is an address inside of this network`)
  return { acts: [{ kind: 'fetch', url }], inferred: [], doubts }
}

function isPrivate(host: string): boolean {
  return (
    !host.includes('.') ||
    host.endsWith('.') ||
    /^(\d+\.){3}\d+$/.test(host) ||
    /(^|\.)(localhost|local|localdomain|internal|intranet|private|lan|home|corp|arpa|test|nip\.io|sslip\.io|localtest\.me)$/.test(
      host,
    )
  )
}

/** For sentences: `rm -rf x`, "writing /p/a.ts". */
export function shownAct(act: Act): string {
  if (act.kind === 'command') return shownCommand(act.command)
  if (act.kind === 'fetch') return `fetching from ${act.url.hostname}`
  if (act.kind === 'tool') return act.tool
  return `${fileVerbs[act.kind]} ${act.paths.map((path) => path.replace(/^\?/, '')).join(', ')}`
}

const fileVerbs = { read: 'reading', edit: 'editing', write: 'writing' }
