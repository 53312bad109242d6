import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError, messageOf } from '../../core/errors.ts'
import { toolServer } from '../../launch/tools.ts'

/** Agents that can register a server of tools by a command of their own, which is safer than editing their files. */
export const registeringAgents = ['claude', 'codex', 'gemini'] as const
export type RegisteringAgent = (typeof registeringAgents)[number]

/** What an agent starts for its tools, with what that has to know beside the agent's environment. */
export interface ToolsCommand {
  command: readonly string[]
  env: Readonly<Record<string, string>>
}

/** Makes an agent start this for its tools, for all projects of this user. Doing it again changes nothing. */
export async function register(agent: RegisteringAgent, tools: ToolsCommand): Promise<void> {
  if (await isRegistered(agent)) await unregister(agent)
  await ask(agent, addArguments[agent](tools))
}

/** Returns whether there was anything to take away. */
export async function unregister(agent: RegisteringAgent): Promise<boolean> {
  if (!(await isRegistered(agent))) return false
  await ask(agent, removeArguments[agent])
  return true
}

/** Throws `unavailable` when the agent is not installed here, or can't say. */
export async function isRegistered(agent: RegisteringAgent): Promise<boolean> {
  const listed = await ask(agent, ['mcp', 'list'])
  return listed.split('\n').some((line) => firstInLine.test(line))
}

/** Behind the sign of its health. A path further on may well be named like this, too. */
const firstInLine = new RegExp(`^\\W*${toolServer}(?::|\\s|$)`)

const addArguments: Record<RegisteringAgent, (tools: ToolsCommand) => string[]> = {
  // Claude takes every word behind `-e` for a variable, up to the next option.
  claude: ({ command, env }) => [
    'mcp',
    'add',
    '--scope',
    'user',
    toolServer,
    ...variables(env, '-e'),
    '--',
    ...command,
  ],
  codex: ({ command, env }) => ['mcp', 'add', toolServer, ...variables(env, '--env'), '--', ...command],
  gemini: ({ command, env }) => [
    'mcp',
    'add',
    '--scope',
    'user',
    ...variables(env, '-e'),
    toolServer,
    ...command,
  ],
}

function variables(env: Readonly<Record<string, string>>, option: string): string[] {
  return Object.entries(env).flatMap(([name, value]) => [option, `${name}=${value}`])
}

const removeArguments: Record<RegisteringAgent, string[]> = {
  claude: ['mcp', 'remove', '--scope', 'user', toolServer],
  codex: ['mcp', 'remove', toolServer],
  gemini: ['mcp', 'remove', '--scope', 'user', toolServer],
}

/** Claude asks each listed server for its health, and each of those may take its time. */
const answersWithinMs = 60_000

async function ask(agent: RegisteringAgent, words: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(agent, words, { timeout: answersWithinMs })
    return stdout + stderr
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new AppError('unavailable', `The command "${agent}" is not installed here, or not on the PATH.`)
    }
    const { stderr = '' } = error as { stderr?: string }
    const why = stderr.trim() || messageOf(error)
    throw new AppError('unavailable', `"${agent} ${words.join(' ')}" failed: ${why}`, { cause: error })
  }
}

const run = promisify(execFile)
