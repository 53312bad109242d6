import type { Ask, InteractionInput, Tool } from '../../core/interaction.ts'
import { pathsOfPatch } from './patch-paths.ts'

/*
 * What a hook says of a tool and its input, in the words of every agent. Only what is known in full is whole: a
 * field that nobody here knows may lead the tool elsewhere (another folder, no sandbox, a second file).
 */

type Read = Pick<Ask, 'tool' | 'input' | 'inputWhole'>

/** One tool: the one field that says what it works on, and those that change nothing about that. */
interface KnownTool {
  tool: Tool
  subject: 'command' | 'paths' | 'patch' | 'url' | null
  /** Under one of these names; never under two. */
  from: string[]
  besides: string[]
}

const bash = ['description', 'timeout', 'run_in_background']
const edit = ['old_string', 'new_string', 'replace_all', 'instruction', 'expected_replacements']
const cell = ['cell_id', 'cell_number', 'new_source', 'cell_type', 'edit_mode']
const exec = ['yield_time_ms', 'max_output_tokens', 'timeout_ms', 'tty', 'login', 'justification']

const knownTools: Record<string, KnownTool> = {
  Bash: { tool: 'shell', subject: 'command', from: ['command'], besides: bash },
  exec_command: { tool: 'shell', subject: 'command', from: ['cmd', 'command'], besides: exec },
  shell: { tool: 'shell', subject: 'command', from: ['command'], besides: exec },
  local_shell: { tool: 'shell', subject: 'command', from: ['command'], besides: exec },
  run_shell_command: { tool: 'shell', subject: 'command', from: ['command'], besides: ['description'] },
  Edit: { tool: 'edit', subject: 'paths', from: ['file_path'], besides: edit },
  MultiEdit: { tool: 'edit', subject: 'paths', from: ['file_path'], besides: ['edits'] },
  NotebookEdit: { tool: 'edit', subject: 'paths', from: ['notebook_path'], besides: cell },
  // A patch names its files inside of a text, and any number of them.
  apply_patch: { tool: 'edit', subject: 'patch', from: ['command'], besides: [] },
  replace: { tool: 'edit', subject: 'paths', from: ['file_path'], besides: edit },
  Write: { tool: 'write', subject: 'paths', from: ['file_path'], besides: ['content'] },
  write_file: { tool: 'write', subject: 'paths', from: ['file_path'], besides: ['content'] },
  Read: { tool: 'read', subject: 'paths', from: ['file_path'], besides: ['offset', 'limit', 'pages'] },
  read_file: { tool: 'read', subject: 'paths', from: ['file_path'], besides: ['offset', 'limit'] },
  WebFetch: { tool: 'fetch', subject: 'url', from: ['url'], besides: ['prompt'] },
  web_fetch: { tool: 'fetch', subject: null, from: [], besides: [] },
}

/** The tool that an agent calls `name`; `other` where its name leaves a doubt. */
export function toolNamed(name: string | null): Tool {
  if (name === null) return 'other'
  const [, server, tool] = mcpName.exec(name) ?? []
  if (server !== undefined && tool !== undefined) return `mcp:${server}/${tool}`
  return Object.hasOwn(knownTools, name) ? knownTools[name]!.tool : 'other'
}

/** With more than two underscores in a row, or a second pair, it can't be told where the server's name ends. */
const mcpName = /^mcp__([A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*)__([A-Za-z0-9.-]+(?:_[A-Za-z0-9.-]+)*)$/

export function readHookInput(name: string, raw: Record<string, unknown>): Read {
  const tool = toolNamed(name)
  const known = Object.hasOwn(knownTools, name) ? knownTools[name]! : null
  if (!known) return { tool, input: { ...textOf(raw), raw }, inputWhole: true }
  const { subject, from, besides } = known
  const given = from.filter((field) => Object.hasOwn(raw, field))
  const value = given.length === 1 && subject !== null ? subjectOf(subject, raw[given[0]!]) : null
  const isKnown = ([field, content]: [string, unknown]) =>
    given.includes(field) || besides.includes(field) || content === false || content === null
  const inputWhole =
    value !== null && value.certain && Object.entries(raw).every(isKnown) && !asksForNetwork(raw)
  return { tool, input: { ...value?.input, raw }, inputWhole }
}

/** Codex asks under its shell's name whether a command that runs already may reach a host. */
function asksForNetwork(raw: Record<string, unknown>): boolean {
  const about = Object.hasOwn(raw, 'description') ? raw['description'] : undefined
  return typeof about === 'string' && /^\s*network[- ]access\b/iu.test(about)
}

interface Subject {
  input: Pick<InteractionInput, 'command' | 'paths' | 'url'>
  certain: boolean
}

function subjectOf(subject: NonNullable<KnownTool['subject']>, value: unknown): Subject | null {
  if (subject === 'command') {
    const command = commandOf(value)
    return command === null ? null : { input: { command }, certain: true }
  }
  if (typeof value !== 'string' || value === '') return null
  if (subject === 'patch') {
    const { paths, certain } = pathsOfPatch(value)
    return { input: { paths }, certain }
  }
  return { input: subject === 'paths' ? { paths: [value] } : { url: value }, certain: true }
}

function textOf(raw: Record<string, unknown>): Pick<InteractionInput, 'text'> {
  const plan = Object.hasOwn(raw, 'plan') ? raw['plan'] : undefined
  return typeof plan === 'string' ? { text: plan } : {}
}

/** `["bash", "-lc", "ls"]` is what Codex runs for `ls`; any other list of words is not a text that a shell reads. */
function commandOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || !value.every((word) => typeof word === 'string')) return null
  const [program, flag, text, ...more] = value
  const isShell = /^(?:\/bin\/|\/usr\/bin\/)?(?:ba|z|da)?sh$/.test(program ?? '') && /^-l?c$/.test(flag ?? '')
  return isShell && text !== undefined && more.length === 0 ? text : null
}
